extension Unicode.Scalar {
    /// Whether a reader sees it for what it is: it leaves a mark of its own, moves no others, and is no space but
    /// U+0020.
    package var isSeen: Bool {
        // An empty braille cell and the object that stands for another are seen as nothing.
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

    /// Its code point between brackets, for instance `⟦U+202E⟧`.
    package var mark: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "⟦U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "⟧"
    }
}

extension String {
    /// Each character that is not seen as its code point.
    package var withMarks: String {
        var output = ""
        for scalar in unicodeScalars {
            if scalar.isSeen { output.unicodeScalars.append(scalar) } else { output += scalar.mark }
        }
        return output
    }
}
