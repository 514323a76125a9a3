package import InterlockJSON
package import InterlockModel

/// The statement that a node signs for each row: DSSE with the payload type `application/vnd.interlock.row+json`, in
/// the RFC 8785 form. Its key is that of the node's log, which the member entry has.
///
/// ```json
/// {"at":"2026-11-30T10:04:05.123456Z","columns":{"ends":"2026-11-30T10:09:05.000000Z"},"content":{},
///  "entry":{"digest":"sha256:...","n":12},"key":"9f86...","node":"gw1","org":"acme","rev":1,"table":"challenge","v":1,
///  "ver":1}
/// ```
package struct RowStatement<Row: ClusterRow>: Hashable, Sendable {
    package let org: String
    /// The time at the node, to the microsecond.
    package let at: Timestamp
    package let node: NodeName
    /// The newest entry that the node had applied.
    package let head: ChainHead
    package let row: Row

    package init(org: String, at: Timestamp, node: NodeName, head: ChainHead, row: Row) {
        self.org = org
        self.at = at
        self.node = node
        self.head = head
        self.row = row
    }

    package var json: JSONValue {
        [
            "at": .string(at.rfc3339()), "columns": .object(row.columns), "content": row.content,
            "entry": head.json, "key": .string(row.address.key.text), "node": .string(node.text),
            "org": .string(org), "rev": .integer(row.address.revision),
            "table": .string(row.address.table.rawValue), "v": 1, "ver": .integer(row.version),
        ]
    }

    /// The bytes that the node signs.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }

    /// - Parameter limit: the largest payload in bytes.
    package init(parsing payload: [UInt8], limit: Int) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(payload, limit: limit, depth: RowForm.depth),
            required: [
                "at", "columns", "content", "entry", "key", "node", "org", "rev", "table", "v",
                "ver",
            ])
        try fields.expectVersion1()
        org = try fields.string("org")
        at = try fields.time("at", fractionDigits: 6)
        node = try fields.node("node")
        head = try ChainHead(json: try fields.value("entry"), at: "entry")
        let address = RowAddress(
            try fields.made("table", "a table of rows") { RowTable(rawValue: $0) },
            try fields.string("key", length: 1...RowAddress.keyLimit),
            revision: try fields.integer("rev", in: RowForm.numbers))
        row = try Row(
            address, version: try fields.integer("ver", in: RowForm.numbers),
            columns: try fields.value("columns"), content: try fields.value("content"))
    }
}

/// The form of what is sealed: 64 bytes of Ed25519 signature, then the payload.
enum RowForm {
    static let signatureBytes = 64
    /// The nesting of a statement: that of reviewed arguments and the values around them.
    static let depth = 96
    /// The numbers of revisions and versions, which PostgreSQL has as `integer`.
    static let numbers = Int64(1)...Int64(Int32.max)

    static func payloadLimit(_ table: RowTable) -> Int {
        table.bodyLimit - StoreKeys.overhead - signatureBytes
    }
}
