import InterlockJSON
import InterlockLedger
import InterlockModel

/// The records that are counted apart though they name no canary: those of runs of evals and of canaries, the halts of
/// drills and self-tests, and their policies (docs/evidence.md, "Population").
struct RecordsApart: Sendable {
    private var evals: Set<ExactText> = []
    private var canaries: Set<ExactText> = []
    private var halts: Set<ExactText> = []

    /// Takes the next record of the log, and returns whether it is one of them.
    mutating func add(_ record: StoredRecord) -> Bool {
        let run = record.text("run").map { ExactText($0) }
        if record.type == RecordType.runStart.rawValue, let run {
            if record.text("kind").map({ sameBytes($0, "eval") }) ?? false { evals.insert(run) }
            if Self.namesCanary(record) { canaries.insert(run) }
        }
        if let run, evals.contains(run) || canaries.contains(run) { return true }
        guard let type = RecordType(rawValue: record.type) else { return false }
        let order = record.text("req").map { ExactText($0) }
        switch type {
        case .policyLoaded: return record.text("why").map { sameBytes($0, "drill") } ?? false
        case .killRequested:
            guard record.text("scope").map({ sameBytes($0, "drill") }) ?? false else {
                return false
            }
            if let order { halts.insert(order) }
            return true
        case .killEffective: return order.map { halts.contains($0) } ?? false
        default: return false
        }
    }

    /// True if the record is of a run of an eval.
    func isEval(_ record: StoredRecord) -> Bool {
        record.text("run").map { evals.contains($0) } ?? false
    }

    static func namesCanary(_ record: StoredRecord) -> Bool {
        record.text("agent")?.utf8.starts(with: CanaryNames.prefix.utf8) ?? false
    }
}
