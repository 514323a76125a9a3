package import InterlockCluster
import InterlockJSON
import InterlockLedger
import InterlockModel

/// Compares the logs of all nodes of a cluster with its control chain and with each other: the rules X1 to X9 of
/// docs/specs/cluster.md, section 7. Each log must have been verified by itself. No payload is opened, so the signatures
/// of votes are not verified here.
///
/// INVARIANT: an edit of the logs of honest nodes that breaks one of these rules is a fault, or a record that says what
/// could not be checked. Kept by `ClusterAuditTests`.
package struct ClusterAudit {
    let chain: ChainHistory
    let logs: [NodeLog]
    /// The logs by their origins.
    let byOrigin: [ExactText: NodeLog]
    private let lost: Set<NodeName>
    /// The nodes whose logs are there.
    private let present: Set<NodeName>
    /// True if no record of any member can be missing, except at the ends of the logs.
    private let isComplete: Bool
    private var findings: [ClusterFinding]
    private var count: [ClusterFinding.Rule: Int] = [:]

    /// The most findings of one rule.
    private static let most = 100

    private init(_ chain: ChainHistory, _ logs: [NodeLog], lost: Set<NodeName>) {
        self.chain = chain
        self.logs = logs.sorted { $0.origin < $1.origin }
        self.lost = lost
        let present = Set(logs.compactMap(\.node))
        self.present = present
        isComplete =
            logs.allSatisfy(\.isWhole) && chain.members.allSatisfy { present.contains($0.name) }
        byOrigin = Dictionary(logs.map { ($0.name, $0) }) { first, _ in first }
        findings = chain.findings
    }

    /// - Parameter lost: the nodes whose logs are known to be lost.
    /// - Returns: all findings, those of the chain first; at most 100 of a rule.
    package static func findings(
        _ chain: ChainHistory, _ logs: [NodeLog], lost: Set<NodeName> = []
    ) -> [ClusterFinding] {
        var audit = ClusterAudit(chain, logs, lost: lost)
        audit.checkMembers()
        audit.checkVotes()
        audit.checkUses()
        audit.checkRuns()
        audit.checkDecisions()
        audit.checkLimits()
        audit.checkReferences()
        return audit.findings
    }

    mutating func report(_ finding: ClusterFinding) {
        count[finding.rule, default: 0] += 1
        if count[finding.rule, default: 0] <= Self.most { findings.append(finding) }
    }

    /// A fault if no record can be missing, otherwise a part that could not be checked.
    var missing: ClusterFinding.Severity { isComplete ? .fault : .unchecked }

    /// A fault if this log cannot lack a record, otherwise a part that could not be checked.
    func severity(ofMissingIn origin: ExactText) -> ClusterFinding.Severity {
        guard let log = byOrigin[origin] else { return missing }
        return log.isWhole ? .fault : .unchecked
    }

    // MARK: X6

    private mutating func checkMembers() {
        for member in chain.members where !present.contains(member.name) {
            let isLost = lost.contains(member.name)
            report(
                ClusterFinding(
                    .logs, as: isLost ? .unchecked : .fault,
                    "the log of node `\(member.name)` is \(isLost ? "lost" : "missing")"))
        }
        let members = Set(chain.members.map(\.name))
        for log in logs {
            guard let node = log.node, members.contains(node) else {
                report(ClusterFinding(.members, log: log.origin, "it is the log of no member"))
                continue
            }
            if let index = log.otherNode {
                report(
                    ClusterFinding(
                        .members, log: log.origin, index: index, "it is a record of another node"))
            }
            for decision in log.decisions where !chain.isMember(node, at: decision.number) {
                report(
                    ClusterFinding(
                        .members, log: log.origin, index: decision.index,
                        "the node was no member at entry \(decision.number)"))
            }
            for reference in log.references
            where reference.type == .approvalGranted
                && !chain.isMember(node, at: reference.entry.number)
            {
                report(
                    ClusterFinding(
                        .members, log: log.origin, index: reference.index,
                        "a vote at a node that was no member at entry \(reference.entry.number)"))
            }
        }
    }
}
