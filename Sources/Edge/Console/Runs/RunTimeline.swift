import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockLedger

/// The steps of a run in its order, as people read them: the records of one call are one entry, and technical records
/// that follow each other are one too.
struct RunTimeline {
    enum Entry {
        case call(CallSpan, [RunStep])
        case step(RunStep)
        case technical([RunStep])
    }

    private(set) var entries: [Entry] = []

    private static let technical: Set<RecordType> = [
        .sessionOpened, .sessionClosed, .listServed, .budgetReserved, .budgetSnapshot,
    ]

    init(_ steps: RunSteps, _ spans: [CallSpan]) {
        let spans = Dictionary(spans.map { (ExactText($0.call), $0) }) { first, _ in first }
        /// The entry of each call, and the call of each approval request.
        var places: [ExactText: Int] = [:]
        var requests: [ExactText: ExactText] = [:]
        for step in steps.steps {
            let record = step.record
            let request = record.text("appr").map { ExactText($0) }
            let call =
                (record.text("use") ?? record.text("call")).map { ExactText($0) }
                ?? request.flatMap { requests[$0] }
            guard let call, let span = spans[call] else {
                add(step)
                continue
            }
            if let request { requests[request] = call }
            if let place = places[call], case .call(let span, let own) = entries[place] {
                entries[place] = .call(span, own + [step])
            } else if step.index >= span.index {
                places[call] = entries.count
                entries.append(.call(span, [step]))
            } else {
                add(step)
            }
        }
    }

    private mutating func add(_ step: RunStep) {
        guard RecordType(rawValue: step.record.type).map(Self.technical.contains) == true else {
            entries.append(.step(step))
            return
        }
        if case .technical(let others) = entries.last {
            entries[entries.count - 1] = .technical(others + [step])
        } else {
            entries.append(.technical([step]))
        }
    }
}
