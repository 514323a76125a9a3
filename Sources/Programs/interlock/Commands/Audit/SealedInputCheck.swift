import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockStore

/// Compares each decision's record with its sealed input: agent, tool and policy directly, and the run because its key
/// alone opens the input. A holder of the log's key can write a log anew, but not a sealed input without the key of its
/// run. The class of the tool is compared by `DecisionReplay`, which has the policy.
struct SealedInputCheck {
    private(set) var faults: [String] = []
    /// The number of inputs that no key opens here.
    private(set) var unopened = 0
    private let hasKeys: Bool

    /// - Throws: exit 66 or 74 if the log cannot be read.
    init(_ log: AuditLog, from start: UInt64) throws {
        hasKeys = log.deployment.map { BucketReader($0.keys).isReadable } ?? false
        let progress = log.progress("sealed inputs compared, records read", from: start)
        defer { progress.end() }
        try log.scan(from: start, counting: progress) { entry in
            guard let record = entry.record, record["in"] != nil else { return true }
            try add(record, at: entry.index, in: log)
            return true
        }
    }

    private mutating func add(_ record: StoredRecord, at index: UInt64, in log: AuditLog) throws {
        switch try log.payload("in", of: record).answer {
        case .erased: return
        case .missing(.key) where hasKeys:
            faults.append(
                "record \(index): its run has no key here, so the decision's sealed input is not of it"
            )
        case .missing: unopened += 1
        case .bad(let fault):
            faults.append("record \(index): the decision's sealed input: \(fault)")
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
