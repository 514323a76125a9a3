package import InterlockModel

/// Which payloads of a run are to be disclosed: `FIELD`, or `FIELD@CALL` for one call alone.
package struct Disclosure: Sendable, Hashable {
    package let field: String
    /// nil: of every record that has the field.
    package let call: CallID?

    /// - Returns: nil for anything but the two forms; a call may be written `dec_<call>`.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let field = parts.first, !field.isEmpty else { return nil }
        self.field = String(field)
        guard parts.count == 2 else {
            call = nil
            return
        }
        let name = parts[1]
        guard let call = CallID(name.hasPrefix("dec_") ? name.dropFirst(4) : name) else {
            return nil
        }
        self.call = call
    }

    package func covers(_ field: String, of record: StoredRecord) -> Bool {
        field == self.field && (call.map { $0.text == record.text("call") } ?? true)
    }
}
