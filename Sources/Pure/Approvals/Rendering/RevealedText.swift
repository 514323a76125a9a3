import InterlockModel

/// A text prepared for display before a decision: invisible characters are replaced by their code points, and deceptive
/// ones are named (docs/specs/approvals.md, section 7). Nothing is omitted: the spans in their order are the whole
/// text.
///
/// INVARIANT: what is invisible in a text is visible on its page, and nothing of a call is omitted there. Kept by
/// `RevealedTextTests`, `Fuzz/Shown`, `ReviewTests`.
package struct RevealedText: Hashable, Sendable {
    package enum Span: Hashable, Sendable {
        /// Displayed unchanged.
        case plain(String)
        /// Displayed as its code point in a warning colour.
        case hidden(Unicode.Scalar)
        /// A line break, a tab, or a leading or trailing space: displayed as a symbol.
        case sign(Annotation)
    }

    package enum Annotation: Unicode.Scalar, Hashable, Sendable, CaseIterable {
        case lineBreak = "\n"
        case tab = "\t"
        case outerSpace = " "

        package var picture: String {
            switch self {
            case .lineBreak: "⏎"
            case .tab: "⇥"
            case .outerSpace: "·"
            }
        }
    }

    /// A reason not to trust the appearance of the text.
    package enum Warning: String, Hashable, Sendable, CaseIterable {
        case hidden = "characters that cannot be seen"
        case mixedScripts = "letters of several scripts in one word"
        case stackedMarks = "more than two combining marks on one letter"
        case punycode = "a name in punycode"
    }

    package let spans: [Span]
    /// Each warning at most once, in the order of `Warning.allCases`.
    package let warnings: [Warning]

    /// - Parameter isOwn: true for a text of the gateway, in which U+202F between two digits separates thousands and
    ///   is displayed unchanged; false for every text of a call.
    package init(_ text: String, isOwn: Bool = false) {
        guard !text.isPlain else {
            spans = text.isEmpty ? [] : [.plain(text)]
            warnings = []
            return
        }
        let scalars = Array(text.unicodeScalars)
        spans = RevealedText.spans(scalars, isOwn: isOwn)
        var found: Set<Warning> = []
        if spans.contains(where: { if case .hidden = $0 { true } else { false } }) {
            found.insert(.hidden)
        }
        var judge = ConfusableScanner()
        for scalar in scalars { judge.take(scalar) }
        judge.end()
        found.formUnion(judge.found)
        warnings = Warning.allCases.filter(found.contains)
    }

    /// The text on one line without markup, for titles and terminals.
    package var line: String {
        spans.map { span in
            switch span {
            case .plain(let text): text
            case .hidden(let scalar): scalar.mark
            case .sign(let sign): sign.picture
            }
        }.joined()
    }

    private static func spans(_ scalars: [Unicode.Scalar], isOwn: Bool) -> [Span] {
        let first = scalars.firstIndex { $0 != " " } ?? scalars.count
        let last = scalars.lastIndex { $0 != " " } ?? 0
        var spans: [Span] = []
        var plain = String.UnicodeScalarView()
        for (place, scalar) in scalars.enumerated() {
            let special: Span?
            switch scalar {
            case "\n": special = .sign(.lineBreak)
            case "\t": special = .sign(.tab)
            case " " where place < first || place > last: special = .sign(.outerSpace)
            case "\u{202f}" where isOwn && scalars.separatesThousands(at: place): special = nil
            default: special = scalar.isSeen ? nil : .hidden(scalar)
            }
            guard let special else {
                plain.append(scalar)
                continue
            }
            if !plain.isEmpty { spans.append(.plain(String(plain))) }
            plain = String.UnicodeScalarView()
            spans.append(special)
        }
        if !plain.isEmpty { spans.append(.plain(String(plain))) }
        return spans
    }
}

extension String {
    /// True of most texts: all is printable ASCII without a space at either end, and nothing in it (`--`) can be of a name
    /// in punycode. Each such text is shown as it is; the properties of its scalars need not be looked up.
    fileprivate var isPlain: Bool {
        let (space, hyphen) = (UInt8(ascii: " "), UInt8(ascii: "-"))
        guard utf8.first != space else { return false }
        var last: UInt8 = 0
        for byte in utf8 {
            guard (space...UInt8(ascii: "~")).contains(byte), byte != hyphen || last != hyphen
            else { return false }
            last = byte
        }
        return last != space
    }
}
