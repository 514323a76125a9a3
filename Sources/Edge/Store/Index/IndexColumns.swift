import InterlockJSON
import InterlockLedger
import InterlockModel

/// The columns of one record's row, in the order of `IndexSchema`: enough to find the record, and nothing of its
/// payloads (docs/specs/ledger.md, section 14). Converts bytes to bytes in buffers that are reused for the next record:
/// a busy gateway adds two or three rows per call.
struct IndexColumns {
    private(set) var columns: [Database.Column] = []
    /// The contents of the blob columns.
    private(set) var bytes: [UInt8] = []

    /// Does not check that the leaf is canonical JSON; readers of the record do.
    /// - Parameter number: returns the number of a word that repeats in many rows.
    mutating func take(
        _ entry: LedgerEntry,
        _ number: (ArraySlice<UInt8>) throws(DatabaseError) -> Int64
    ) throws(DatabaseError) {
        columns.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        let record = Fields(entry.leaf)
        func word(_ name: StaticString) throws(DatabaseError) -> Database.Column {
            guard let text = record.text(name) else { return .null }
            return .integer(try number(text))
        }
        func number64(_ name: StaticString) -> Database.Column {
            record.integer(name).map(Database.Column.integer) ?? .null
        }
        columns.append(.integer(Int64(clamping: entry.index)))
        columns.append(
            added { hash in
                hash.append(addingCapacity: 32) { entry.leaf.hash.append(to: &$0) }
            })
        // The time of an unreadable record is 0.
        columns.append(.integer(record.integer("ts") ?? 0))
        columns.append(.integer(try number(record.text("t") ?? [])))
        columns.append(try word("agent"))
        // A record outside the chain of the run that it is about has no `rs`.
        columns.append(id(record.text("run") ?? record.text("ofrun")))
        columns.append(number64("rs"))
        columns.append(try word("tool"))
        columns.append(try word("dec"))
        columns.append(try word("rule"))
        columns.append(base64(record.text("subj")))
        columns.append(id(record.text("call")))
        columns.append(id(record.text("appr")))
        columns.append(base64(record.text("intent")))
    }

    /// Packs an id of 26 characters into its 16 bytes; other text is stored as it is, as in `IndexRow.packed`.
    private mutating func id(_ text: ArraySlice<UInt8>?) -> Database.Column {
        guard let text else { return .null }
        return added { if !RunID.pack(text.span, to: &$0) { $0 += text } }
    }

    /// Decodes base64; other text is stored as it is, as in `IndexRow.unwrapped`.
    private mutating func base64(_ text: ArraySlice<UInt8>?) -> Database.Column {
        guard let text else { return .null }
        return added { if !Base64.decode(text.span, to: &$0) { $0 += text } }
    }

    private mutating func added(_ append: (inout [UInt8]) -> Void) -> Database.Column {
        let start = bytes.count
        append(&bytes)
        return .blob(start..<bytes.count)
    }

    /// The members of a record; the leaf is parsed if a scan cannot read it.
    private enum Fields {
        case scanned(LeafScan)
        case parsed(JSONObject)

        private static let limits = JSONLimits(depth: 16, bytes: Leaf.maximumReadableBytes)

        init(_ leaf: Leaf) {
            if let scan = LeafScan(leaf.bytes) {
                self = .scanned(scan)
            } else {
                let value = try? JSONValue(parsing: Array(leaf.bytes), limits: Self.limits)
                self = .parsed(value?.object ?? [:])
            }
        }

        func text(_ name: StaticString) -> ArraySlice<UInt8>? {
            switch self {
            case .scanned(let scan): scan.bytes(of: name)
            case .parsed(let record): record["\(name)"]?.string.map { Array($0.utf8)[...] }
            }
        }

        func integer(_ name: StaticString) -> Int64? {
            switch self {
            case .scanned(let scan): scan.integer(name)
            case .parsed(let record): record["\(name)"]?.integer
            }
        }
    }
}
