import InterlockCluster
import InterlockJSON
import InterlockModel

extension ClusterAudit {
    /// X2: each use of a request has an entry of its own, and no request has more uses than was shown. X3: uses of the
    /// chain without a record are listed.
    mutating func checkUses() {
        var uses: [ApprovalID: Int64] = [:]
        var allowed: [ApprovalID: Int64] = [:]
        for log in logs {
            for (request, forms) in log.approvals.forms {
                allowed[request] = max(allowed[request] ?? 0, forms.map(\.uses).max() ?? 0)
            }
        }
        var recorded: [Int64: ExactText] = [:]
        for log in logs {
            for use in log.approvals.uses {
                if let fault = fault(of: use, in: log, &recorded) {
                    report(
                        ClusterFinding(.uses, log: log.origin, index: use.index, fault))
                }
            }
            for (index, rule, member) in log.malformed {
                report(
                    ClusterFinding(
                        rule, log: log.origin, index: index, "\(member) is missing or malformed"))
            }
        }
        for (number, use) in chain.uses.sorted(by: { $0.key < $1.key }) {
            uses[use.use.request, default: 0] += 1
            guard recorded[number] == nil else { continue }
            report(
                ClusterFinding(
                    .unrecordedUses, as: .listed,
                    "entry \(number) is a use of request `\(use.use.request.text)` by `\(use.node)`, without a record in its log"
                ))
        }
        for (request, count) in uses.sorted(by: { $0.key.text < $1.key.text }) {
            guard let most = allowed[request], count > most else { continue }
            report(
                ClusterFinding(
                    .uses, "request `\(request.text)` has \(count) uses, and \(most) were shown"))
        }
    }

    /// - Parameter recorded: the logs that have a record of an entry.
    private func fault(
        of use: RecordedApprovals.Use, in log: NodeLog, _ recorded: inout [Int64: ExactText]
    ) -> String? {
        guard let entry = use.entry else {
            // Uses before the node was a member have no entry.
            return log.isBeforeCluster(use.index) ? nil : "the use names no entry"
        }
        guard chain.has(entry) else {
            return "the use names entry \(entry.number), which is not in the chain"
        }
        if let other = recorded.updateValue(log.name, forKey: entry.number) {
            return "entry \(entry.number) has another record in `\(other)`"
        }
        guard let counted = chain.uses[entry.number] else {
            // A body that was dropped after a snapshot cannot be compared.
            return chain.isUncountedUse(entry)
                ? nil : "entry \(entry.number) is no use of a request"
        }
        guard counted.node == log.node, counted.use.request == use.request,
            counted.use.intent == use.intent
        else { return "entry \(entry.number) is a use of another request, node or call" }
        return nil
    }
}
