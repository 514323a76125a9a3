import InterlockModel

/// A kind of text: how it is documented, and the same as code.
struct TextShape: Sendable {
    /// Code points, as JSON Schema counts them; nil where the pattern bounds them.
    let characters: ClosedRange<Int>?
    /// A regular expression of ECMAScript; nil for any text.
    let pattern: String?
    /// For whoever sent another text: it "must be ...".
    let expected: String
    private let holds: @Sendable (String) -> Bool

    init(
        _ expected: String, characters: ClosedRange<Int>? = nil, pattern: String? = nil,
        _ holds: @escaping @Sendable (String) -> Bool = { _ in true }
    ) {
        self.expected = expected
        self.characters = characters
        self.pattern = pattern
        self.holds = holds
    }

    func passes(_ text: String) -> Bool {
        (characters?.contains(text.unicodeScalars.count) ?? true) && holds(text)
    }
}

extension TextShape {
    static func plain(_ characters: ClosedRange<Int>) -> TextShape {
        TextShape(
            "text of \(characters.lowerBound) to \(characters.upperBound) characters",
            characters: characters)
    }

    /// What a policy, a server or a person wrote, as long as a scalar of a policy may be.
    static let passage = plain(0...16_384)

    /// Something is written in it.
    static func words(most: Int) -> TextShape {
        TextShape("words, at most \(most) characters", characters: 1...most, pattern: seen) {
            $0.unicodeScalars.contains { !$0.properties.isWhitespace && $0 != "\u{feff}" }
        }
    }

    /// Something else than white space of Unicode and the mark of byte order, spelled out: what `\S` is differs.
    private static let seen =
        #"[^\t\n\u000b\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"#

    /// `apr_` and an id, as people and agents see it.
    static let approval = TextShape(
        "the id of a request, with `apr_` before it",
        pattern: "^apr_[0-7][0-9a-hjkmnp-tv-z]{25}$"
    ) { ApprovalID(shown: $0) != nil }

    static let id = TextShape("an id", pattern: "^[0-7][0-9a-hjkmnp-tv-z]{25}$") {
        ApprovalID($0) != nil
    }

    static let time = TextShape(
        "a time in UTC", pattern: #"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"#
    ) { Timestamp(rfc3339: $0) != nil }

    static let digest = TextShape("a digest", pattern: "^sha256:[0-9a-f]{64}$") {
        Digest(prefixed: $0) != nil
    }

    /// Standard base64 with padding, as strict as `Base64`.
    ///
    /// - Parameter bytes: at most, decoded, up to what its last four characters can hold.
    static func base64(_ bytes: Int) -> TextShape {
        let one = "[A-Za-z0-9+/]"
        return TextShape(
            "base64 of at most \(bytes) bytes", characters: 4...(bytes + 2) / 3 * 4,
            pattern:
                "^(?:\(one){4})*(?:\(one)[AQgw]==|\(one){2}[AEIMQUYcgkosw048]=)?$"
        ) { Base64.decode($0) != nil }
    }

    /// The url-safe alphabet without padding.
    static func base64URL(_ bytes: Int) -> TextShape {
        let one = "[A-Za-z0-9_-]"
        return TextShape(
            "base64url of at most \(bytes) bytes", characters: 2...(bytes * 4 + 2) / 3,
            pattern: "^(?:\(one){4})*(?:\(one)[AQgw]|\(one){2}[AEIMQUYcgkosw048])?$"
        ) { Base64.decodeURL($0).map { $0.count <= bytes } ?? false }
    }
}

extension TextShape {
    /// Base64 of exactly 32 bytes.
    static let key = TextShape(
        "base64 of 32 bytes", pattern: "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"
    ) {
        PublicKey(base64: $0) != nil
    }

    /// Base64 of exactly 64 bytes.
    static let signature = TextShape("base64 of 64 bytes", pattern: "^[A-Za-z0-9+/]{85}[AQgw]==$") {
        Base64.decode($0)?.count == 64
    }
}
