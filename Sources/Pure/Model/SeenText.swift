extension Unicode.GeneralCategory {
    /// True if a scalar of it is shown as itself.
    package var isVisible: Bool {
        switch self {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
            .unassigned:
            false
        default: true
        }
    }
}

extension Unicode.Scalar {
    /// True if a reader recognises the scalar: it has a visible glyph, moves no others, and is not a space other than
    /// U+0020.
    package var isSeen: Bool {
        // An empty braille cell and the object replacement character are invisible.
        if value == 0x2800 || value == 0xfffc { return false }
        if properties.isDefaultIgnorableCodePoint { return false }
        if properties.generalCategory == .spaceSeparator { return self == " " }
        return properties.generalCategory.isVisible
    }

    /// The code point in brackets, for instance `⟦U+202E⟧`.
    package var mark: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "⟦U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "⟧"
    }
}

extension String {
    /// The text with each unrecognisable scalar replaced by its code point.
    package var withMarks: String { marked { _ in false } }

    /// The same for a text of the gateway: U+202F between two digits separates thousands and stays.
    package var withMarksOutsideNumbers: String {
        let scalars = Array(unicodeScalars)
        return marked { scalars.separatesThousands(at: $0) }
    }

    private func marked(except isKept: (Int) -> Bool) -> String {
        var output = ""
        for (place, scalar) in unicodeScalars.enumerated() {
            if scalar.isSeen || isKept(place) {
                output.unicodeScalars.append(scalar)
            } else {
                output += scalar.mark
            }
        }
        return output
    }
}

extension [Unicode.Scalar] {
    /// Returns true for a U+202F with an ASCII digit on each side.
    package func separatesThousands(at place: Int) -> Bool {
        guard self[place] == "\u{202f}", place > 0, place + 1 < count else { return false }
        return ("0"..."9").contains(self[place - 1]) && ("0"..."9").contains(self[place + 1])
    }
}
