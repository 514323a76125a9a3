import InterlockModel

/// A kind of text, as documentation (a pattern) and as a check in code.
package struct TextShape: Sendable {
    /// The permitted number of code points, as JSON Schema counts them, or nil if the pattern alone bounds the length.
    package let characters: ClosedRange<Int>?
    /// A regular expression of ECMAScript, or nil if any text matches.
    package let pattern: String?
    /// Completes the error message "must be …".
    package let expected: String
    private let holds: @Sendable (String) -> Bool

    package init(
        _ expected: String, characters: ClosedRange<Int>? = nil, pattern: String? = nil,
        _ holds: @escaping @Sendable (String) -> Bool = { _ in true }
    ) {
        self.expected = expected
        self.characters = characters
        self.pattern = pattern
        self.holds = holds
    }

    package func passes(_ text: String) -> Bool {
        (characters?.contains(text.unicodeScalars.count) ?? true) && holds(text)
    }
}

extension TextShape {
    package static func plain(_ characters: ClosedRange<Int>) -> TextShape {
        TextShape(
            "text of \(characters.lowerBound) to \(characters.upperBound) characters",
            characters: characters)
    }

    /// Free text of a policy, a server or a person; the longest scalar of a policy fits.
    package static let passage = plain(0...16_384)

    /// Text with at least one visible character.
    package static func words(most: Int) -> TextShape {
        TextShape("words, at most \(most) characters", characters: 1...most, pattern: seen) {
            $0.unicodeScalars.contains { !$0.properties.isWhitespace && $0 != "\u{feff}" }
        }
    }

    /// Matches any character that is neither Unicode white space nor a byte order mark. The set is spelled out because
    /// the meaning of `\S` differs between engines.
    private static let seen =
        #"[^\t\n\u000b\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"#

    /// An approval request's id with the prefix `apr_`, as people and agents see it.
    package static let approval = TextShape(
        "the id of a request, with `apr_` before it",
        pattern: "^apr_[0-7][0-9a-hjkmnp-tv-z]{25}$"
    ) { ApprovalID(shown: $0) != nil }

    package static let id = TextShape("an id", pattern: "^[0-7][0-9a-hjkmnp-tv-z]{25}$") {
        ApprovalID($0) != nil
    }

    package static let time = TextShape(
        "a time in UTC", pattern: #"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"#
    ) { Timestamp(rfc3339: $0) != nil }

    package static let digest = TextShape("a digest", pattern: "^sha256:[0-9a-f]{64}$") {
        Digest(prefixed: $0) != nil
    }

    /// Standard base64 with padding, checked as strictly as `Base64` does.
    ///
    /// - Parameter bytes: the decoded length, at most, rounded up to what the last four characters can hold.
    package static func base64(_ bytes: Int) -> TextShape {
        let one = "[A-Za-z0-9+/]"
        return TextShape(
            "base64 of at most \(bytes) bytes", characters: 4...(bytes + 2) / 3 * 4,
            pattern:
                "^(?:\(one){4})*(?:\(one)[AQgw]==|\(one){2}[AEIMQUYcgkosw048]=)?$"
        ) { Base64.decode($0) != nil }
    }

    /// The URL-safe alphabet without padding.
    package static func base64URL(_ bytes: Int) -> TextShape {
        let one = "[A-Za-z0-9_-]"
        return TextShape(
            "base64url of at most \(bytes) bytes", characters: 2...(bytes * 4 + 2) / 3,
            pattern: "^(?:\(one){4})*(?:\(one)[AQgw]|\(one){2}[AEIMQUYcgkosw048])?$"
        ) { Base64.decodeURL($0).map { $0.count <= bytes } ?? false }
    }
}

extension TextShape {
    /// Base64 of exactly 32 bytes.
    package static let key = TextShape(
        "base64 of 32 bytes", pattern: "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"
    ) { PublicKey(base64: $0) != nil }

    /// Base64 of exactly 64 bytes.
    package static let signature = TextShape(
        "base64 of 64 bytes", pattern: "^[A-Za-z0-9+/]{85}[AQgw]==$"
    ) {
        Base64.decode($0)?.count == 64
    }
}
