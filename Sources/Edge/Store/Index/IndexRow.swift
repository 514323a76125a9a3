import InterlockJSON
import InterlockLedger
import InterlockModel

/// What the index knows of one record: enough to find it, and nothing of its payloads (section 14 of the
/// ledger's spec).
struct IndexRow: Sendable, Equatable {
    let index: UInt64
    let hash: Digest
    /// Microseconds since 1970; 0 for a record that cannot be read.
    let time: Int64
    let type: String
    let agent: String?
    let tool: String?
    let decision: String?
    let rule: String?
    let sequence: Int64?
    /// Ids of 26 characters as their 16 bytes, pseudonyms likewise; anything else as its text.
    let run: [UInt8]?
    let call: [UInt8]?
    let approval: [UInt8]?
    let subject: [UInt8]?
    let intent: [UInt8]?

    private static let limits = JSONLimits(depth: 16, bytes: Leaf.maximumReadableBytes)

    /// Whether the bytes are canonical is for those who show the record; the index takes what is there.
    init(_ entry: LedgerEntry) {
        let scan = LeafScan(entry.leaf.bytes)
        let record = scan == nil ? Self.parsed(entry.leaf) : [:]
        func text(_ name: StaticString) -> String? {
            scan.map { $0.text(name) } ?? record["\(name)"]?.string
        }
        func integer(_ name: StaticString) -> Int64? {
            scan.map { $0.integer(name) } ?? record["\(name)"]?.integer
        }
        index = entry.index
        hash = entry.leaf.hash
        time = integer("ts") ?? 0
        type = text("t") ?? ""
        agent = text("agent")
        tool = text("tool")
        decision = text("dec")
        rule = text("rule")
        sequence = integer("rs")
        run = text("run").map(Self.packed)
        call = text("call").map(Self.packed)
        approval = text("appr").map(Self.packed)
        subject = text("subj").map(Self.unwrapped)
        intent = text("intent").map(Self.unwrapped)
    }

    private static func parsed(_ leaf: Leaf) -> JSONObject {
        let value = try? JSONValue(parsing: Array(leaf.bytes), limits: limits)
        return value?.object ?? [:]
    }

    static func packed(_ id: String) -> [UInt8] { RunID(id)?.packed ?? Array(id.utf8) }

    static func unwrapped(_ base64: String) -> [UInt8] {
        Base64.decode(base64) ?? Array(base64.utf8)
    }
}

extension IndexRow {
    /// The columns behind `idx` in the order of `IndexSchema`; words that repeat are numbers of `names`.
    func values(
        _ name: (String) throws(DatabaseError) -> Int64
    ) throws(DatabaseError) -> [Database.Value] {
        func word(_ text: String?) throws(DatabaseError) -> Database.Value {
            guard let text else { return .null }
            return .integer(try name(text))
        }
        func bytes(_ value: [UInt8]?) -> Database.Value { value.map(Database.Value.blob) ?? .null }
        return [
            .integer(Int64(clamping: index)), .blob(hash.bytes), .integer(time), try word(type),
            try word(agent), bytes(run), sequence.map(Database.Value.integer) ?? .null,
            try word(tool), try word(decision), try word(rule), bytes(subject), bytes(call),
            bytes(approval), bytes(intent),
        ]
    }

    /// - Returns: nil for columns of another form, as somebody's edit may leave them.
    init?(_ columns: [Database.Value], _ word: (Int64) -> String?) {
        guard columns.count == 14, let index = columns[0].integer.flatMap(UInt64.init(exactly:)),
            let hash = columns[1].digest, let time = columns[2].integer,
            let type = columns[3].integer.flatMap(word)
        else { return nil }
        func text(_ place: Int) -> String? { columns[place].integer.flatMap(word) }
        self.index = index
        self.hash = hash
        self.time = time
        self.type = type
        agent = text(4)
        run = columns[5].blob
        sequence = columns[6].integer
        tool = text(7)
        decision = text(8)
        rule = text(9)
        subject = columns[10].blob
        call = columns[11].blob
        approval = columns[12].blob
        intent = columns[13].blob
    }
}
