import InterlockLedger
import InterlockModel

/// The row of one record, as read back from the index. `IndexColumns` writes it.
struct IndexRow: Sendable, Equatable {
    let index: UInt64
    let hash: Digest
    /// Microseconds since 1970; 0 if the record cannot be read.
    let time: Int64
    let type: String
    let agent: String?
    let tool: String?
    let decision: String?
    let rule: String?
    let sequence: Int64?
    /// Ids of 26 characters as their 16 bytes, pseudonyms decoded from base64; any other text as its UTF-8 bytes.
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
    /// - Returns: nil if the columns do not have the expected types, for example after a manual edit.
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
