package import InterlockModel

/// The selection of a run's payloads for disclosure: `FIELD`, or `FIELD@CALL` for one call only.
package struct Disclosure: Sendable, Hashable {
    package let field: String
    /// The call, or nil for every record that has the field.
    package let call: CallID?

    /// - Returns: nil unless the text has one of the two forms; a call may be written as `dec_<call>`.
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
