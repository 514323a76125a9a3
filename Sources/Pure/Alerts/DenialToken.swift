package import InterlockModel

/// The token of a denial link in a mail: its holder may deny one request in the name of one person, once. 32 bytes in
/// base64url; the store holds only its hash.
package struct DenialToken: Sendable, Hashable {
    package let text: String

    package static let count = 32
    /// The path prefix of the console's pages that accept a token.
    package static let pathPrefix = "/deny/"

    /// - Parameter code: 32 unpredictable bytes.
    package init(code: [UInt8]) {
        precondition(code.count == Self.count, "a token has 32 bytes")
        text = Base64.encodeURL(code)
    }

    /// - Parameter path: the path of a request; must be `/deny/` followed by a token in its canonical spelling.
    package init?(path: String) {
        guard path.hasPrefix(Self.pathPrefix) else { return nil }
        let text = String(path.dropFirst(Self.pathPrefix.count))
        guard let bytes = Base64.decodeURL(text), bytes.count == Self.count,
            Base64.encodeURL(bytes) == text
        else { return nil }
        self.text = text
    }

    package var path: String { Self.pathPrefix + text }

    package func hash(_ hashing: some Hashing) -> Digest { hashing.sha256(Array(text.utf8)) }
}
