/// The calls that people had to approve: each is executed only after one use of an approval, which names its intent
/// (docs/auditing.md, section 11).
struct CallCoverage {
    struct Call {
        let index: UInt64
        let run: RecordID?
        let call: RecordID?
        let tool: Octets?
        let policy: Octets?
        let need: UInt64?
        /// The pseudonym of the person on whose behalf the agent acts.
        let subject: Octets?
        /// The number of absent records before the intent.
        let absent: Int
        var isUsed = false
    }

    private(set) var open: [Digest: Call] = [:]

    /// Takes an intent, or the record that closes one.
    ///
    /// - Parameter absent: the number of absent records so far.
    /// - Returns: false if the use of an approval may be among the absent records.
    mutating func add(
        _ record: Record, hash: Digest, at index: UInt64, absent: Int = 0
    ) throws(Fault) -> Bool {
        switch record.type {
        case "call.intent" where record.fields.text("dec") == Octets("approve"):
            open[hash] = Call(
                index: index, run: record.run, call: record.call,
                tool: record.fields.text("tool"), policy: record.fields.text("pol"),
                need: record.fields.integer("need"), subject: record.fields.text("subj"),
                absent: absent)
        case "call.outcome" where !record.isLate, "call.unknown":
            guard let call = close(record), !call.isUsed else { return true }
            guard call.absent != absent else {
                throw Fault("people had to approve this call, and no approval of it was used")
            }
            return false
        case "call.denied": _ = close(record)
        default: break
        }
        return true
    }

    private mutating func close(_ record: Record) -> Call? {
        record.intent.flatMap { Digest(base64: $0.bytes[...]) }
            .flatMap { open.removeValue(forKey: $0) }
    }

    /// Marks the call that a use names.
    ///
    /// - Returns: nil if no such call is open.
    mutating func use(_ record: Record) throws(Fault) -> Call? {
        guard let intent = record.fields.digest("intent"), let call = open[intent] else {
            return nil
        }
        guard !call.isUsed else { throw Fault("a second use for one call") }
        open[intent]?.isUsed = true
        guard call.run == record.run,
            let user = record.fields.text("use"), RecordID(user.bytes) == call.call
        else { throw Fault("the use is of another call than its intent") }
        return call
    }
}
