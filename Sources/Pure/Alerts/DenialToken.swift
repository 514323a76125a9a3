package import InterlockModel

/// What a link in a mail carries: whoever has it may turn down one request in the name of one person, once.
/// 32 bytes in base64url; the store knows it by its hash alone.
package struct DenialToken: Sendable, Hashable {
    package let text: String

    package static let count = 32
    /// Of the console's pages that take it.
    package static let pathPrefix = "/deny/"

    /// - Parameter code: 32 bytes that nobody else can make.
    package init(code: [UInt8]) {
        precondition(code.count == Self.count, "a token has 32 bytes")
        text = Base64.encodeURL(code)
    }

    /// - Parameter path: of a request; `/deny/` and a token in its one spelling, nothing else.
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
