extension Unicode.Scalar {
    /// True if a reader recognises the scalar: it has a visible glyph, moves no others, and is not a space other than
    /// U+0020.
    package var isSeen: Bool {
        // An empty braille cell and the object replacement character are invisible.
        if value == 0x2800 || value == 0xfffc { return false }
        if properties.isDefaultIgnorableCodePoint { return false }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            return false
        case .spaceSeparator: return self == " "
        default: return true
        }
    }

    /// The code point in brackets, for instance `⟦U+202E⟧`.
    package var mark: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "⟦U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "⟧"
    }
}

extension String {
    /// The text with each unrecognisable scalar replaced by its code point.
    package var withMarks: String {
        var output = ""
        for scalar in unicodeScalars {
            if scalar.isSeen { output.unicodeScalars.append(scalar) } else { output += scalar.mark }
        }
        return output
    }
}
