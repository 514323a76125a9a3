import InterlockCommandLine
import InterlockCredentials
import InterlockLogReading
import InterlockStore

extension Command {
    static let auditVerify = Command(
        "audit verify [DIR]", "recompute the log: every record, tile, signature and run",
        example: "interlock audit verify",
        options: [.directory] + Option.logKeys + [
            Option(
                "--old-checkpoint FILE", "a checkpoint kept elsewhere: the log must extend it",
                isRepeatable: true),
            Option("--min-size N", "the log must hold at least this many records"),
            Option(
                "--min-index N", "bundles with records below alone may be absent: they were pruned"),
            Option(
                "--payloads",
                "look for every stored payload, hash it, and compare each decision with its sealed input"
            ),
            Option(
                "--strict", "exit 3 without old checkpoint or quorum; list unknown types of records"
            ),
            Option("--tree-only", "a log of another program: all but the records' content"),
        ] + ClusterVerifyCommand.options + [.json],
        exits: [.no, .unanchored, .data, .notFound, .io],
        notes: """
            DIR is the folder of a log (with `checkpoint` and `tile/`), or a ledger folder; without it, \
            this deployment's. A log cannot vouch for its own key: a foreign DIR needs --vkey or --trust.
            For this deployment's log, the witnesses and the quorum of its trust.policy count, unless \
            --vkey or --trust is given. A line on standard error says which file was used.
            Only what is kept elsewhere, an old checkpoint or the cosignatures of witnesses, can show \
            that history was rewritten or cut by whoever has the key.

            With --cluster the logs of all nodes are verified, each by the key that the control chain has of \
            its node, and compared with the chain and with each other: rules X1 to X9 of docs/auditing.md, \
            section 14. --genesis is what all of it rests on: take it from elsewhere.
            """
    ) { invocation in
        if invocation.has("cluster") { return try ClusterVerifyCommand.run(invocation) }
        for option in ["genesis", "lost"] where invocation.has(option) {
            throw Failure(.usage, "`--\(option)` needs `--cluster`")
        }
        let log = try AuditLog(invocation.naming(log: invocation.positional.first))
        var request = VerifyRequest(keys: try log.keys(), verifier: OpenSSLVerifier())
        let quorum = try log.quorum()
        request.trust = quorum?.policy
        request.minimumSize = try invocation.count("min-size") ?? 0
        request.minimumIndex = try invocation.count("min-index") ?? 0
        request.payloads = invocation.has("payloads")
        request.treeOnly = invocation.has("tree-only")
        request.guardFile = log.guardFile
        request.oldCheckpoints = try invocation.oldCheckpoints()
        var report = try log.verify(request)
        if request.payloads, !request.treeOnly, report.isGood {
            let inputs = try SealedInputCheck(log, from: request.minimumIndex)
            report.faults += inputs.faults
            if inputs.unopened > 0 {
                report.unchecked.append(
                    "the sealed inputs of \(inputs.unopened) decisions: no key here opens them")
            }
        }
        let isStrict = invocation.has("strict")
        VerifyText.print(report, quorum, strict: isStrict, json: invocation.isJSON)
        guard report.isGood else { return .no }
        return isStrict && !report.isAnchored ? .unanchored : .ok
    }
}

extension Invocation {
    /// A copy that reads the given folder in place of the deployment's.
    func naming(log folder: String?) -> Invocation { folder.map { setting("log", to: $0) } ?? self }
}
