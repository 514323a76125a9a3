/// Something in a server's own words that a person should read before it reaches a model (specs of
/// output safety, section 4, item 4). A finding marks; it never proves an intent.
package struct DescriptionFinding: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Characters that a person does not see: direction, zero width, tags, controls.
        case hiddenUnicode = "hidden-unicode"
        /// Tokens with which chat formats part the speakers.
        case chatTemplate = "chat-template"
        /// Words that tell an assistant what to do.
        case imperative
        /// The name of another tool.
        case otherTool = "other-tool"
        /// A part that a rendered page would not show.
        case comment
        /// A link or an image whose query could carry data away.
        case dataLink = "data-link"
    }

    package let kind: Kind
    /// Where: keys joined by dots, indexes in brackets.
    package let path: String
    /// In Unicode scalars from the start of the text; of an encoded part, where that part starts.
    package let offset: Int
    /// What was found, as text to be shown like any other of a stranger. At most 80 characters.
    package let excerpt: String
    /// Whether it was found in something encoded, and decoded for looking only.
    package let isEncoded: Bool

    static let longestExcerpt = 80

    init(_ kind: Kind, at path: String, _ offset: Int, _ excerpt: String, isEncoded: Bool = false) {
        self.kind = kind
        self.path = path
        self.offset = offset
        self.excerpt = String(excerpt.prefix(Self.longestExcerpt))
        self.isEncoded = isEncoded
    }

    /// What is said of it, one line; the excerpt is a stranger's text.
    package var text: String {
        "\(path): \(kind.rawValue)\(isEncoded ? " (encoded)" : "") at \(offset): \(excerpt)"
    }
}
