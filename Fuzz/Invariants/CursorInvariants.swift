import InterlockSchemas

extension Invariants {
    /// A cursor has one spelling.
    package static func cursor(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self),
            let cursor = PageCursor(text: text)
        else { return }
        precondition(Array(cursor.text.utf8) == bytes, "a cursor has one spelling")
        precondition(cursor.list.count == PageCursor.listBytes, "a cursor is of one list")
    }
}
