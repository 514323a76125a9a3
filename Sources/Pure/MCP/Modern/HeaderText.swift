import InterlockModel

/// The codec for values of the routing headers of the modern era: printable ASCII unchanged, any other text as
/// `=?base64?...?=` with canonical base64 of its UTF-8 bytes (docs/specs/mcp.md, section 10).
package enum HeaderText {
    private static let prefix = "=?base64?"
    private static let suffix = "?="

    package static func encode(_ text: String) -> String {
        if isPlain(text), !isWrapped(text) { return text }
        return prefix + Base64.encode(Array(text.utf8)) + suffix
    }

    /// - Returns: nil if a wrapped value is not canonical base64 of UTF-8 text.
    package static func decode(_ value: String) -> String? {
        guard isWrapped(value) else { return value }
        let payload = value.dropFirst(prefix.count).dropLast(suffix.count)
        guard let bytes = Base64.decode(payload), Base64.encode(bytes) == payload else {
            return nil
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isWrapped(_ text: String) -> Bool {
        text.utf8.count >= prefix.count + suffix.count && text.hasPrefix(prefix)
            && text.hasSuffix(suffix)
    }

    /// Returns true if the text survives in a header field unchanged: no control characters, no blank at either end.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && text.utf8.first != 0x20
            && text.utf8.last != 0x20
    }
}
