import InterlockJSON
package import InterlockModel

/// Follows a log record by record and finds what hashes cannot: a run's chain with a hole, an intent
/// closed twice, a closing record without intent. After the last record it holds what is still open.
package struct LogChecker: Sendable {
    /// Where each run's chain goes on.
    package private(set) var runs: [RunID: ChainLink] = [:]
    /// Intents without a closing record, by leaf hash.
    package private(set) var open: [Digest: OpenIntent] = [:]
    /// Intents closed as unknown, for which one late outcome may follow.
    package private(set) var unknown: Set<Digest> = []

    package init() {}

    /// - Throws: the fault of this record; the state is then of no further use.
    package mutating func add(_ record: StoredRecord, hash: Digest) throws(RecordFault) {
        try follow(record, hash)
        switch record.type {
        case RecordType.callIntent.rawValue:
            open[hash] = OpenIntent(record, hash: hash)
        case RecordType.approvalUsed.rawValue:
            if let intent = record.digest("intent") { open[intent]?.approvalUsed = true }
        case RecordType.callOutcome.rawValue where record["late"]?.bool == true:
            let intent = try closed(record)
            guard unknown.remove(intent) != nil else { throw .notOpen(intent: intent.base64) }
        case RecordType.callOutcome.rawValue: try close(record)
        case RecordType.callUnknown.rawValue: unknown.insert(try close(record))
        case RecordType.callDenied.rawValue where record["intent"] != nil: try close(record)
        default: break
        }
    }

    private mutating func follow(_ record: StoredRecord, _ hash: Digest) throws(RecordFault) {
        // Outside a chain a record may name a run; in a chain it has `rs`.
        guard let sequence = record["rs"] else {
            guard record["prev"] == nil else { throw .malformed }
            return
        }
        guard let text = record.text("run"), let run = RunID(text) else { throw .malformed }
        let link = runs[run] ?? .start
        guard sequence.integer == link.sequence, record.digest("prev") == link.previous,
            (record["prev"] == nil) == (link.previous == nil)
        else { throw .brokenChain(run: text) }
        runs[run] = link.following(hash)
    }

    @discardableResult
    private mutating func close(_ record: StoredRecord) throws(RecordFault) -> Digest {
        let intent = try closed(record)
        guard let opened = open.removeValue(forKey: intent) else {
            throw .notOpen(intent: intent.base64)
        }
        guard opened.call == record.text("call") ?? opened.call,
            opened.run?.run.text == record.text("run")
        else { throw .foreignCloser(intent: intent.base64) }
        return intent
    }

    private func closed(_ record: StoredRecord) throws(RecordFault) -> Digest {
        guard let intent = record.digest("intent") else { throw .malformed }
        return intent
    }
}
