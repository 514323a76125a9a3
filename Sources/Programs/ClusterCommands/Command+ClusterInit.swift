package import InterlockCommandLine
import InterlockDeployment
import InterlockLogReading
import InterlockStore

extension Command {
    package static let clusterInit = Command(
        "cluster init [FILE]", "found a cluster from a deployment that is stopped",
        example:
            "interlock cluster init --reason 'Three nodes from May on' --out founding.json --as ada@acme.example",
        options: [
            .directory, ClusterDatabase.option,
            Option(
                "--standby required|none",
                "whether each commit is on a second machine [default: required]"),
            Option("--out FILE", "the file for the next person [default: founding.json]"),
            .person, .key, .reason, .json,
        ],
        exits: [
            .no, .data, .notFound, .unavailable, .cannotCreate, .io, .tryAgain, .notPermitted,
        ],
        notes: """
            Two people with the role `security` sign, or the only person: the first makes the order, the second calls it \
            with the FILE. It names the people, the keys of this node, the policy that is signed off and the standby. Logs \
            in as `il_migrate` unless `--postgres` names another user. Prints the digest of the first entry, which new \
            nodes are given by hand.
            """
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let founding = try ClusterFounding(invocation, deployment)
        do {
            return try await WriteAheadLog.whileClosed(deployment.ledger, awaiting: founding.run)
        } catch let error as LedgerFailure { throw Failure(error) }
    }
}
