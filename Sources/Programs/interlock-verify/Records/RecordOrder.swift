/// Follows records in the order of the log and finds what no hash shows: a run's chain with a hole, an
/// intent closed twice, a closing record without intent.
struct RecordOrder {
    /// Where each run's chain goes on.
    private var chains: [RunName: (next: UInt64, previous: Digest)] = [:]
    private var open: [Digest: OpenIntent] = [:]
    /// Closed as unknown: one late outcome may follow.
    private var unknown: [Digest: OpenIntent] = [:]
    /// Leaf hashes of pruned entries, of which nothing else is known; each may be closed once.
    private var pruned: Set<Digest> = []

    private struct OpenIntent {
        let run: RunName?
        let call: Octets?
    }

    var runs: Int { chains.count }
    var openIntents: Int { open.count }

    mutating func addPruned(_ hash: Digest) { pruned.insert(hash) }

    mutating func add(_ record: Record, hash: Digest) throws(RecordFault) {
        try follow(record, hash)
        switch record.type {
        case "call.intent": open[hash] = OpenIntent(run: record.run, call: record.call)
        case "call.outcome" where record.isLate: try closeLate(record)
        case "call.outcome": try close(record)
        case "call.unknown":
            let intent = try close(record)
            unknown[intent] = OpenIntent(run: record.run, call: record.call)
        case "call.denied" where record.fields.range("intent") != nil: try close(record)
        case "log.started":
            // A start closes what the crash left open before it says so.
            guard open.isEmpty else {
                defer { open = [:] }
                throw .leftOpen(open.count)
            }
        default: break
        }
    }

    private mutating func follow(_ record: Record, _ hash: Digest) throws(RecordFault) {
        guard let run = record.run, let sequence = record.sequence else { return }
        let (next, isLast) = sequence.addingReportingOverflow(1)
        guard !isLast else { throw .brokenChain }
        let link = chains.updateValue((next, hash), forKey: run)
        if let link {
            guard sequence == link.next, record.previous == link.previous else {
                throw .brokenChain
            }
        } else {
            guard sequence == 0 || !pruned.isEmpty else { throw .brokenChain }
        }
    }

    @discardableResult
    private mutating func close(_ record: Record) throws(RecordFault) -> Digest {
        let intent = try intent(of: record)
        if pruned.remove(intent) != nil { return intent }
        guard let opened = open.removeValue(forKey: intent) else { throw .notOpen }
        guard opened.run == record.run, opened.call == record.call else { throw .foreignCloser }
        return intent
    }

    private mutating func closeLate(_ record: Record) throws(RecordFault) {
        let intent = try intent(of: record)
        if pruned.remove(intent) != nil { return }
        guard let opened = unknown.removeValue(forKey: intent) else { throw .notOpen }
        guard opened.run == record.run, opened.call == record.call else { throw .foreignCloser }
    }

    private func intent(of record: Record) throws(RecordFault) -> Digest {
        guard let text = record.intent, let intent = Digest(base64: text.bytes[...]) else {
            throw .badIntent
        }
        return intent
    }
}
