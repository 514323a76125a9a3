import InterlockCluster
package import InterlockCommandLine
import InterlockModel

/// `interlock audit verify --cluster DIR`.
package enum ClusterVerifyCommand {
    package static let options: [Option] = [
        Option(
            "--cluster DIR",
            "the evidence of a cluster: `logs/<origin>/` of each node, and `control.chain`"),
        Option("--genesis DIGEST", "with --cluster: the digest of the chain's first entry"),
        Option(
            "--lost NODE", "with --cluster: a node whose log is known to be lost",
            isRepeatable: true),
    ]

    /// The options of `audit verify` that concern one log.
    private static let others = ["min-size", "min-index", "payloads", "tree-only", "dir"]

    /// - Throws: exit 64 for an option of one log, or without `--genesis`.
    package static func run(_ invocation: Invocation) throws -> Exit {
        guard let folder = invocation["cluster"], invocation.positional.isEmpty else {
            throw Failure(.usage, "`--cluster` cannot be used with DIR")
        }
        for option in others where invocation.has(option) {
            throw Failure(.usage, "`--cluster` cannot be used with `--\(option)`")
        }
        guard let text = invocation["genesis"] else {
            throw Failure(
                .usage, "missing `--genesis`",
                help: "the digest of the first entry, as it was given to each node by hand")
        }
        let genesis = try Invocation.parsed(text, "no digest", .usage) {
            Digest(prefixed: $0) ?? Digest(base64: $0)
        }
        var verification = ClusterVerification(folder: folder, genesis: genesis)
        verification.trust = try LogTrust(invocation)
        verification.oldCheckpoints = try invocation.oldCheckpoints()
        verification.lost = Set(
            try invocation.all("lost").map { text throws(Failure) in
                try Invocation.parsed(text, "no name of a node", .usage) { NodeName($0) }
            })
        let report = try verification.run()
        if invocation.isJSON { Output.json(report.json) } else { report.print() }
        guard report.isGood else { return .no }
        return invocation.has("strict") && !report.isAnchored ? .unanchored : .ok
    }
}
