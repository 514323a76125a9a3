import InterlockModel

/// Rewritten texts that a careless comparison takes for the original, or that a server may read as the original.
enum TextMutation {
    /// Longer texts are rewritten in their first bytes alone: what a rule compares is at the start.
    private static let longest = 256

    /// Upper case, lower case and the first letter in the other case; ASCII letters alone.
    static func cases(_ text: String) -> [String] {
        let upper = mapped(text) { $0.isLower ? Unicode.Scalar($0.value - 0x20) : $0 }
        let lower = mapped(text) { $0.isUpper ? Unicode.Scalar($0.value + 0x20) : $0 }
        var isFirst = true
        let first = mapped(text) { scalar in
            guard isFirst, scalar.isUpper || scalar.isLower else { return scalar }
            isFirst = false
            return Unicode.Scalar(scalar.value ^ 0x20)
        }
        return distinct([upper, lower, first], from: text)
    }

    /// Full-width letters, look-alikes of another script, a character without width, and composed and decomposed
    /// letters.
    static func unicode(_ text: String) -> [String] {
        let wide = mapped(text) { scalar in
            (0x21...0x7e).contains(scalar.value) ? Unicode.Scalar(scalar.value + 0xfee0) : scalar
        }
        let alike = mapped(text) { scalar in
            lookAlikes.first { $0.0 == scalar }?.1 ?? scalar
        }
        return distinct(
            [wide, alike, withoutWidth(text), decomposed(text), composed(text)], from: text)
    }

    /// Percent-encoding of every byte, and base64.
    static func encodings(_ text: String) -> [String] {
        let bytes = Array(text.utf8.prefix(longest))
        guard !bytes.isEmpty else { return [] }
        var encoded: [UInt8] = []
        for byte in bytes { PercentCode.append(byte, to: &encoded) }
        return [String(decoding: encoded, as: UTF8.self), Base64.encode(bytes)]
    }

    /// The text as a JSON string of which each UTF-16 unit is an escape.
    static func escaped(_ text: String) -> String {
        let units = text.utf16.map { unit in
            let hex = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
        }
        return "\"" + units.joined() + "\""
    }

    private static let lookAlikes: [(Unicode.Scalar, Unicode.Scalar)] = [
        ("a", "\u{430}"), ("c", "\u{441}"), ("e", "\u{435}"), ("i", "\u{456}"), ("o", "\u{43e}"),
        ("p", "\u{440}"), ("s", "\u{455}"), ("x", "\u{445}"), ("y", "\u{443}"), ("A", "\u{410}"),
        ("B", "\u{412}"), ("E", "\u{415}"), ("O", "\u{41e}"), ("P", "\u{420}"),
    ]

    /// Letters with a mark as one scalar, as a letter, and the mark.
    private static let marked: [(Unicode.Scalar, Unicode.Scalar, Unicode.Scalar)] = [
        ("\u{e9}", "e", "\u{301}"), ("\u{e8}", "e", "\u{300}"), ("\u{e1}", "a", "\u{301}"),
        ("\u{e0}", "a", "\u{300}"), ("\u{e4}", "a", "\u{308}"), ("\u{f6}", "o", "\u{308}"),
        ("\u{fc}", "u", "\u{308}"), ("\u{f3}", "o", "\u{301}"), ("\u{ed}", "i", "\u{301}"),
        ("\u{fa}", "u", "\u{301}"), ("\u{f1}", "n", "\u{303}"), ("\u{e7}", "c", "\u{327}"),
    ]

    private static func withoutWidth(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for (number, scalar) in text.unicodeScalars.enumerated() {
            scalars.append(scalar)
            if number == 0 { scalars.append("\u{200b}") }
        }
        return String(scalars)
    }

    private static func decomposed(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let (_, letter, mark) = marked.first(where: { $0.0 == scalar }) {
                scalars.append(letter)
                scalars.append(mark)
            } else {
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    private static func composed(_ text: String) -> String {
        var scalars: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars {
            if let last = scalars.last,
                let (whole, _, _) = marked.first(where: { $0.1 == last && $0.2 == scalar })
            {
                scalars[scalars.count - 1] = whole
            } else {
                scalars.append(scalar)
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private static func mapped(
        _ text: String, _ change: (Unicode.Scalar) -> Unicode.Scalar?
    ) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(longest) {
            scalars.append(change(scalar) ?? scalar)
        }
        for scalar in text.unicodeScalars.dropFirst(longest) { scalars.append(scalar) }
        return String(scalars)
    }

    /// Keeps each text once, and not the original. Bytes are compared: canonically equivalent texts are mutants.
    private static func distinct(_ texts: [String], from original: String) -> [String] {
        var kept: [String] = []
        for text in texts
        where !text.utf8.elementsEqual(original.utf8)
            && !kept.contains(where: { $0.utf8.elementsEqual(text.utf8) })
        {
            kept.append(text)
        }
        return kept
    }
}

extension Unicode.Scalar {
    fileprivate var isLower: Bool { (0x61...0x7a).contains(value) }
    fileprivate var isUpper: Bool { (0x41...0x5a).contains(value) }
}
