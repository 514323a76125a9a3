import InterlockCluster
import InterlockLedger

extension ClusterAudit {
    /// X9: each entry that a record names is in the chain and of the kind that the record is about, and the ticks of a log
    /// never go back.
    mutating func checkReferences() {
        for log in logs {
            var newest: Int64 = 0
            for reference in log.references {
                let number = reference.entry.number
                if let fault = fault(of: reference) {
                    report(
                        ClusterFinding(
                            .references, log: log.origin, index: reference.index, fault))
                }
                guard reference.type == .logTick else { continue }
                if number < newest {
                    report(
                        ClusterFinding(
                            .references, log: log.origin, index: reference.index,
                            "a tick at entry \(number) after one at entry \(newest)"))
                }
                newest = max(newest, number)
            }
        }
    }

    private func fault(of reference: NodeLog.Reference) -> String? {
        let number = reference.entry.number
        guard number <= chain.head.number else {
            return "it names entry \(number), and the chain ends at entry \(chain.head.number)"
        }
        guard let kind = chain.kind(of: reference.entry) else {
            return "it names another entry \(number) than the chain has"
        }
        let expected: String?
        switch reference.type {
        case .controlEntry: expected = reference.kind ?? ""
        case .killRequested: expected = NarrowingKind.halt.rawValue
        case .killReleased: expected = WideningKind.release.rawValue
        case .approvalUsed: expected = NarrowingKind.use.rawValue
        case .elevationGranted: expected = WideningKind.elevation.rawValue
        case .elevationEnded, .elevationDenied: expected = NarrowingKind.elevationEnd.rawValue
        case .peopleRole, .approverEnrolled, .approverRevoked:
            expected = WideningKind.person.rawValue
        default: expected = nil
        }
        guard let expected, expected != kind else { return nil }
        return "entry \(number) is of kind `\(kind)`"
    }
}
