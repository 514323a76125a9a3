package import InterlockJSON

/// The row to which a body belongs. A body is sealed for one address and opens at no other.
package struct RowAddress: Hashable, Sendable, CustomStringConvertible {
    package let table: RowTable
    /// The columns that name the row in its table, in the order of its primary key, with `/` between them.
    package let key: ExactText
    /// The revision of the row, from 1; 1 if the table has none.
    package let revision: Int64

    package init(_ table: RowTable, _ key: String, revision: Int64 = 1) {
        self.table = table
        self.key = ExactText(key)
        self.revision = revision
    }

    package var description: String { "\(table.rawValue) \(key), revision \(revision)" }

    /// The largest key in bytes.
    static let keyLimit = 256

    /// The bytes that name the address under a purpose. They are distinct for distinct addresses, since the key is last
    /// and neither a purpose, a table nor a number has a line break.
    func bytes(for purpose: String) -> [UInt8] {
        Array("\(purpose)\n\(table.rawValue)\n\(revision)\n\(key.text)".utf8)
    }
}
