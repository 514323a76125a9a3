import InterlockCommandLine
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockStore

/// Compares each decision's record with its sealed input: agent, tool and policy. A holder of the
/// log's key can write a log anew, but not a sealed input without the key of its run.
struct SealedInputCheck {
    private(set) var faults: [String] = []
    /// The number of inputs that no key opens here.
    private(set) var unopened = 0

    /// - Throws: exit 66 or 74 if the log cannot be read.
    init(_ log: AuditLog, from start: UInt64) throws {
        try log.scan(from: start) { entry in
            guard let record = entry.record, record["in"] != nil else { return true }
            try add(record, at: entry.index, in: log)
            return true
        }
    }

    private mutating func add(_ record: StoredRecord, at index: UInt64, in log: AuditLog) throws {
        switch try log.payload("in", of: record).answer {
        case .erased: return
        case .missing, .bad: unopened += 1
        case .opened(let bytes):
            let recorded: RecordedDecision
            do throws(FormError) { recorded = try RecordedDecision(parsing: bytes) } catch {
                faults.append("record \(index): the sealed input cannot be read: \(error)")
                return
            }
            var differing = DecisionReplay.contradictions(of: record.object, with: recorded)
                .map(\.field)
            if let policy = record.digest("pol"), policy != recorded.policy {
                differing.append("pol")
            }
            faults += differing.map {
                "record \(index): `\($0)` is not the one of the decision's sealed input"
            }
        }
    }
}
