/// The members of one record that this program uses; everything else must only be canonical.
struct Record {
    let type: String
    /// The time in microseconds since 1970.
    let time: UInt64
    let run: RecordID?
    /// The position in the run's chain.
    let sequence: UInt64?
    let previous: Digest?
    let call: RecordID?
    /// The value as written; a closing record must hold a leaf hash there.
    let intent: Octets?
    /// True for a `call.outcome` that gives the true end of a call closed as unknown.
    let isLate: Bool
    let fields: JSONObject

    static let maximumBytes = Int(UInt16.max)

    /// - Throws: the reason why the bytes are not a record.
    init(_ bytes: [UInt8], in range: Range<Int>) throws(Fault) {
        do { fields = try JSONObject(bytes, in: range, .record) } catch {
            throw Fault("it is not in canonical form")
        }
        guard fields.written("v")?.isText("1") == true, let type = fields.text("t")?.description,
            let time = fields.integer("ts"), fields.text("node") != nil
        else { throw Fault("it lacks `v`, `t`, `ts` or `node`, or one is malformed") }
        self.type = type
        self.time = time
        run = fields.text("run").flatMap { RecordID($0.bytes) }
        call = fields.text("call").flatMap { RecordID($0.bytes) }
        guard (run == nil) == (fields.range("run") == nil),
            (call == nil) == (fields.range("call") == nil)
        else { throw Fault("`run` or `call` is no id") }
        sequence = fields.integer("rs")
        previous = fields.digest("prev")
        intent = fields.text("intent")
        isLate = type == "call.outcome" && fields.range("late") != nil
        guard !isLate || fields.truth("late") == true else { throw Fault("`late` is not true") }
        let isLinked = fields.range("rs") != nil && run != nil && sequence != nil
        let hasPrevious = fields.range("prev") != nil
        guard isLinked || fields.range("rs") == nil, hasPrevious == (previous != nil),
            hasPrevious == (isLinked && sequence != 0)
        else { throw Fault("`run`, `rs` and `prev` do not go together") }
    }

    init(_ bytes: [UInt8]) throws(Fault) { try self.init(bytes, in: 0..<bytes.count) }

    /// Checks the additional requirements on the entry at `index`.
    func check(at index: UInt64, of origin: Octets) throws(Fault) {
        guard index > 0 || type == "log.genesis" && fields.text("origin") == origin else {
            throw Fault("it is not the genesis of this log")
        }
    }

    /// The payloads that the record commits to.
    var commitments: [(field: Octets, commitment: Commitment)] {
        fields.members.compactMap { member in
            Commitment(fields, member.value).map { (Octets(fields.bytes[member.key]), $0) }
        }
    }

    func commitment(_ field: Octets) -> Commitment? {
        commitments.first { $0.field == field }?.commitment
    }
}

/// A commitment in a record: `{"b":...,"c":...,"n":...}`.
struct Commitment {
    /// SHA-256 of the stored blob, or nil if it was not stored.
    let blob: Digest?
    let content: Digest
    let count: UInt64

    init?(_ fields: JSONObject, _ range: Range<Int>) {
        guard fields.bytes[range].first == UInt8(ascii: "{"),
            let object = try? JSONObject(fields.bytes, in: range, .record),
            let content = object.digest("c"), let count = object.integer("n"),
            (object.range("b") == nil) == (object.digest("b") == nil)
        else { return nil }
        blob = object.digest("b")
        self.content = content
        self.count = count
    }
}

/// The id of a run or a call: 26 characters of Crockford's base32, which encode 128 bits.
struct RecordID: Hashable {
    private let high: UInt64
    private let low: UInt64

    init?(_ text: some Collection<UInt8>) {
        guard text.count == 26 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (place, symbol) in text.enumerated() {
            let value = RecordID.values[Int(symbol)]
            guard value < 32, place > 0 || value < 8 else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(value)
        }
        self.high = high
        self.low = low
    }

    /// The creation time, in the first 48 bits.
    var milliseconds: UInt64 { high >> 16 }

    private static let values = inverse(of: Array("0123456789abcdefghjkmnpqrstvwxyz".utf8))
}
