import InterlockCluster
import InterlockLedger
import InterlockModel

extension ClusterAudit {
    /// X5 and X8: no call within a halt that its node had applied, and each decision under the revision of its entry.
    mutating func checkDecisions() {
        var policies = chain.policies
        for log in logs {
            let revisions = revisions(loadedBy: log, &policies)
            checkHalts(of: log)
            for decision in log.decisions { checkRevision(of: decision, in: log, revisions) }
        }
    }

    // MARK: X5

    private mutating func checkHalts(of log: NodeLog) {
        let intents = Dictionary(
            log.decisions.filter { $0.type == .callIntent }.map { ($0.leaf, $0) }
        ) { first, _ in first }
        var unknown = 0
        for decision in log.decisions where !decision.isDenial {
            // A refused call was not sent; its intent can cross a halt that came meanwhile.
            guard !log.denied.contains(decision.leaf) else { continue }
            let call = intents[decision.leaf] ?? decision
            for halt in chain.halts(at: decision.number) {
                switch call.isStopped(by: halt.target) {
                case false?: continue
                case nil: unknown += 1
                case true?:
                    report(
                        ClusterFinding(
                            .halts, log: log.origin, index: decision.index,
                            "a call within the halt `\(halt.id.text)` (\(halt.target)), applied at entry \(decision.number)"
                        ))
                }
            }
        }
        guard unknown > 0 else { return }
        report(
            ClusterFinding(
                .halts, as: .unchecked, log: log.origin,
                "\(unknown) calls under halts of owners, whose agents the log does not name"))
    }

    // MARK: X8

    /// Returns the revisions for which the node loaded each policy, with the records.
    private mutating func revisions(
        loadedBy log: NodeLog, _ policies: inout [Digest: Digest]
    ) -> [Digest: [(index: UInt64, revision: Digest?)]] {
        var revisions: [Digest: [(index: UInt64, revision: Digest?)]] = [:]
        for loaded in log.loaded where loaded.entry <= chain.head.number {
            let revision = chain.revision(at: loaded.entry)
            revisions[loaded.policy, default: []].append((loaded.index, revision))
            guard let revision else { continue }
            // The first entry names a revision without its sign-off: then all logs must agree.
            let policy = policies[revision] ?? loaded.policy
            policies[revision] = policy
            if policy != loaded.policy {
                report(
                    ClusterFinding(
                        .revisions, log: log.origin, index: loaded.index,
                        "another policy than that of the revision at entry \(loaded.entry)"))
            }
        }
        return revisions
    }

    private mutating func checkRevision(
        of decision: RecordedDecision, in log: NodeLog,
        _ revisions: [Digest: [(index: UInt64, revision: Digest?)]]
    ) {
        func fault(_ text: String, _ severity: ClusterFinding.Severity = .fault) {
            report(
                ClusterFinding(
                    .revisions, as: severity, log: log.origin, index: decision.index, text))
        }
        // A revision can come before the entry of a use; the node then refuses the call that was decided before.
        if decision.type == .approvalUsed, log.denied.contains(decision.leaf) { return }
        guard let entry = decision.entry else {
            // Uses without an entry are for X2.
            if decision.type == .callIntent {
                // The policy of a drill or self-test is no revision.
                let isOfCanary = decision.server?.isOfCanaries == true
                fault("a decision that names no entry", isOfCanary ? .unchecked : .fault)
            }
            return
        }
        guard let policy = decision.policy, entry.number <= chain.head.number else { return }
        let revision = chain.revision(at: entry.number)
        let isLoaded = (revisions[policy] ?? []).contains {
            $0.index < decision.index && $0.revision == revision
        }
        guard !isLoaded else { return }
        fault(
            "a decision by another policy than that of the revision at entry \(entry.number)",
            log.isWhole ? .fault : .unchecked)
    }
}
