package import InterlockJSON

/// The parts of a call's arguments that carry text out in addition to its effect: URLs, and what a read asks for
/// (docs/specs/output-safety.md, section 7, "Egress side channels").
package struct SentTexts: Sendable {
    /// The paths, queries and fragments of arguments that are URLs.
    package private(set) var targets: [String] = []
    /// URLs without their schemes, and all texts of a read, alone and those of all values joined, each also with its
    /// percent escapes decoded.
    package private(set) var texts: [String] = []
    /// True if the arguments are longer than is read, so that they may have anything.
    package private(set) var isTooLong = false

    /// - Parameter isRead: true for a read of a server, of which each text is sent as a query.
    package init(_ arguments: JSONValue, isRead: Bool) {
        guard LabelIndex.isShort(arguments) else {
            isTooLong = true
            return
        }
        eachText(of: arguments, isNested: false) { add($0, isRead: isRead) }
        if isRead { add(text: Array(DocumentTexts.values(of: arguments).utf8)[...]) }
    }

    private mutating func add(_ text: String, isRead: Bool) {
        let folded = FoldedText(text)
        if isRead { add(text: Array(text.utf8)[...]) }
        guard let first = folded.tokens.first(where: \.isURL) else { return }
        if !isRead {
            for token in folded.tokens where token.isURL {
                let host = URLParts(folded.bytes, token.range).host
                add(text: folded.bytes[host.lowerBound..<token.end])
            }
        }
        guard folded.bytes[..<first.start].allSatisfy({ $0 == FoldedText.space }) else { return }
        let url = Self.trimmed(text)
        // A server may read more as its URL than ends where a token does. With spaces, it is the text of a mail or ticket
        // that begins with a link.
        guard isRead || !url.contains(where: { $0 <= 0x20 }) else { return }
        add(targetOf: url)
    }

    /// The bytes of a text as clients read a URL: without white space at its ends, tabs and line ends (WHATWG URL,
    /// section 4.4).
    private static func trimmed(_ text: String) -> [UInt8] {
        let scalars = Array(text.unicodeScalars)
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return scalars[first...last].flatMap { Array(String($0).utf8) }
            .filter { $0 != 9 && $0 != 10 && $0 != 13 }
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value <= 0x20 || scalar.value == 0x7f || scalar.isHidden
            || scalar.properties.isWhitespace
    }

    /// Adds what is behind the host of a URL.
    private mutating func add(targetOf url: [UInt8]) {
        guard let colon = url.firstIndex(of: UInt8(ascii: ":")) else { return }
        let host = url[colon...].drop { Self.slashes.contains($0) || $0 == UInt8(ascii: ":") }
        guard let end = host.firstIndex(where: { Self.ends.contains($0) }) else { return }
        targets.append(String(decoding: host[end...], as: UTF8.self))
    }

    private mutating func add(text: ArraySlice<UInt8>) {
        texts.append(String(decoding: text, as: UTF8.self))
        guard text.contains(UInt8(ascii: "%")) else { return }
        texts.append(String(decoding: PercentEscapes.decoded(text), as: UTF8.self))
    }

    private static let slashes = ByteSet(of: "/\\")
    private static let ends = ByteSet(of: "/\\?#")
}
