import InterlockLedger
import InterlockModel

/// What the index says of one record, as it was read back from there. `IndexColumns` writes it.
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

    static func packed(_ id: String) -> [UInt8] { RunID(id)?.packed ?? Array(id.utf8) }

    static func unwrapped(_ base64: String) -> [UInt8] {
        Base64.decode(base64) ?? Array(base64.utf8)
    }
}

extension IndexRow {
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
