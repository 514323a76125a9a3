import InterlockAdministration
import InterlockCommandLine
import InterlockEvidence
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore

/// R0: the events in order, from the leaves, with the content of their payloads.
struct Timeline {
    private let log: AuditLog
    let steps: [RunStep]

    init(of selection: ReplaySelection, in log: AuditLog) throws {
        self.log = log
        var steps: [RunStep] = []
        try selection.scan(log) { entry, record in
            guard RunStep.tells(record) else { return }
            steps.append(try log.step(entry, record))
        }
        self.steps = steps
    }

    func show(_ invocation: Invocation) throws -> Exit {
        try AuditExport.record(
            kind: .replay, count: steps.count, query: invocation.query, from: log)
        for step in steps {
            invocation.print(step.json, step.line)
        }
        return .ok
    }
}

extension AuditLog {
    /// The record as a step of the timeline.
    ///
    /// - Parameters:
    ///   - opens: whether to open the payloads.
    ///   - proof: of the record, if it was proved.
    func step(
        _ entry: LedgerEntry, _ record: StoredRecord, opens: Bool = true, proof: RecordProof? = nil
    ) throws -> RunStep {
        let fields = record.commitments.map(\.field).filter(RunStep.telling.contains)
        return RunStep(
            index: entry.index, hash: entry.leaf.hash, record: record,
            payloads: opens ? try fields.map { try payload($0, of: record) } : [], proof: proof)
    }
}

extension RunStep {
    /// The limit of a payload's text on its line, in characters.
    private static let shownCharacters = 160

    /// The step on one line for people.
    fileprivate var line: String {
        let time = (record.time ?? Timestamp(microseconds: 0)).rfc3339(fractionDigits: 3)
        return "\(time)  " + (words + lastWords).map(TerminalEscaping.shown).joined(separator: "  ")
    }

    private var lastWords: [String] {
        guard let text = content?.text else { return keptSize.map { [$0] } ?? [] }
        return [
            text.count > Self.shownCharacters ? text.prefix(Self.shownCharacters) + "..." : text
        ]
    }
}
