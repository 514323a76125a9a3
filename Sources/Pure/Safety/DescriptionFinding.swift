/// A part of a server's texts that a person should read before it reaches a model (docs/specs/output-safety.md, section
/// 4, item 4). A finding is a marker; it never proves an intent.
package struct DescriptionFinding: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Characters that a person does not see: direction, zero width, tags, controls.
        case hiddenUnicode = "hidden-unicode"
        /// Tokens by which chat formats separate the speakers.
        case chatTemplate = "chat-template"
        /// Words that instruct an assistant.
        case imperative
        /// The name of another tool.
        case otherTool = "other-tool"
        /// A part that a rendered page would not show.
        case comment
        /// A link or an image whose query could carry data away.
        case dataLink = "data-link"
    }

    package let kind: Kind
    /// The location in the definition: keys joined by dots, indexes in brackets.
    package let path: String
    /// The offset in Unicode scalars from the start of the text; for an encoded part, that of the part.
    package let offset: Int
    /// The text that was found; untrusted, at most 80 characters.
    package let excerpt: String
    /// True if it was found in an encoded part, which is decoded only for the scan.
    package let isEncoded: Bool

    static let longestExcerpt = 80

    init(_ kind: Kind, at path: String, _ offset: Int, _ excerpt: String, isEncoded: Bool = false) {
        self.kind = kind
        self.path = path
        self.offset = offset
        self.excerpt = String(excerpt.prefix(Self.longestExcerpt))
        self.isEncoded = isEncoded
    }

    /// The finding as one line; the excerpt is untrusted text.
    package var text: String {
        "\(path): \(kind.rawValue)\(isEncoded ? " (encoded)" : "") at \(offset): \(excerpt)"
    }
}
