/// Follows records in the order of the log and finds faults that no hash reveals: a gap in a run's chain, an intent
/// closed twice, a closing record without an intent.
struct RecordOrder {
    /// The next position and the last hash of each run's chain.
    private var chains: [RecordID: (next: UInt64, previous: Digest)] = [:]
    private var open: [Digest: OpenIntent] = [:]
    /// The intents closed as unknown; one late outcome may follow each.
    private var unknown: [Digest: OpenIntent] = [:]
    /// The intents about whose call a person made a final finding; no other finding may follow.
    private var settled: Set<Digest> = []
    /// The leaf hashes of pruned entries, of which nothing else is known, with the number of starts seen before each;
    /// each may be closed once.
    private var pruned: [Digest: Int] = [:]
    private var starts = 0
    private var isAtEnd = false

    private struct OpenIntent {
        let run: RecordID?
        let call: RecordID?
    }

    var runs: Int { chains.count }
    var openIntents: Int { open.count }

    mutating func addPruned(_ hash: Digest) { pruned[hash] = starts }

    mutating func add(_ record: Record, hash: Digest) throws(Fault) {
        guard !isAtEnd else { throw Fault("it follows the end of the log") }
        try follow(record, hash)
        switch record.type {
        case "call.intent":
            // An intent must be in a chain, so that no two intents have one hash.
            guard record.sequence != nil, record.call != nil else {
                throw Fault("it opens a call without id, or outside a run")
            }
            open[hash] = OpenIntent(run: record.run, call: record.call)
        case "call.outcome" where record.isLate: try close(record, among: \.unknown)
        case "call.outcome": try close(record)
        case "call.unknown":
            let intent = try close(record)
            unknown[intent] = OpenIntent(run: record.run, call: record.call)
        case "call.denied" where record.fields.range("intent") != nil: try close(record)
        case "outcome.checked": try check(record)
        case "log.closed": isAtEnd = true
        case "log.started":
            starts += 1
            // A start closes the intents that a crash left open before it is recorded.
            guard open.isEmpty else {
                defer { open = [:] }
                throw Fault("\(open.count) intents were left open across this start")
            }
        default: break
        }
    }

    private mutating func follow(_ record: Record, _ hash: Digest) throws(Fault) {
        guard let run = record.run, let sequence = record.sequence else { return }
        let (next, isLast) = sequence.addingReportingOverflow(1)
        guard !isLast else { throw Fault("the chain of its run is broken") }
        // No record follows the last one of a run, so the next position cannot be matched.
        let following = record.type == "run.end" ? UInt64.max : next
        let link = chains.updateValue((following, hash), forKey: run)
        if let link {
            guard sequence == link.next, record.previous == link.previous else {
                throw Fault("the chain of its run is broken")
            }
        } else {
            // The previous record may be pruned, so that only its hash is known.
            guard sequence == 0 || record.previous.map({ pruned[$0] != nil }) ?? false else {
                throw Fault("the chain of its run is broken")
            }
        }
    }

    /// A person's finding is about a call that was closed as unknown and whose true end has not come since.
    private mutating func check(_ record: Record) throws(Fault) {
        guard let intent = record.fields.digest("intent"), let call = record.call,
            let run = record.fields.text("ofrun").flatMap({ RecordID($0.bytes) })
        else { throw Fault("it names no call") }
        if pruned[intent] == nil {
            guard let opened = unknown[intent] else {
                throw Fault("it checks a call whose outcome is not unknown")
            }
            guard opened.run == run, opened.call == call else {
                throw Fault("it checks another call than that of its intent")
            }
        }
        guard !settled.contains(intent) else { throw Fault("it follows a final finding") }
        if record.fields.text("as") != Octets("still_unknown") { settled.insert(intent) }
    }

    /// Removes the intent that the record names from those that wait for such a record.
    @discardableResult
    private mutating func close(
        _ record: Record, among waiting: WritableKeyPath<Self, [Digest: OpenIntent]> = \.open
    ) throws(Fault) -> Digest {
        guard let intent = record.intent.flatMap({ Digest(base64: $0.bytes[...]) }) else {
            throw Fault("its `intent` is no leaf hash")
        }
        if let starts = pruned.removeValue(forKey: intent) {
            // The record that closed the call as unknown is pruned too if the outcome is late.
            guard starts == self.starts || record.isLate else {
                throw Fault("it closes an intent from before the last start")
            }
            return intent
        }
        guard let opened = self[keyPath: waiting].removeValue(forKey: intent) else {
            throw Fault("it closes an intent that is not open")
        }
        guard opened.run == record.run, opened.call == record.call else {
            throw Fault("it closes the intent of another call")
        }
        return intent
    }
}
