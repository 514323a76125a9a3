extension ShellParser {
    /// Notes characters that are not displayed, or only move others, wherever they are.
    mutating func noteCharacters() {
        guard bytes.contains(where: { $0 >= 0x7f || $0 < 0x20 }) else { return }
        var offset = 0
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let length = scalar.utf8.count
            if Self.isHidden(scalar) {
                note(.hiddenCharacter, from: offset, to: offset + length)
                return
            }
            offset += length
        }
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 {
            return scalar.value == 0x7f
                || (scalar.value < 0x20 && scalar != "\n" && scalar != "\t")
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse,
            .surrogate, .unassigned:
            return true
        default:
            // Letters and marks that are displayed as nothing.
            return scalar.properties.isDefaultIgnorableCodePoint
                && !(0xfe00...0xfe0f).contains(scalar.value) || scalar == "\u{fffd}"
                || scalar == "\u{2800}"
        }
    }

    /// Notes an unquoted character that is no letter or digit, and could be taken for an operator.
    mutating func noteLookAlike() {
        let start = at
        let scalar = String(decoding: bytes[at..<min(at + 4, bytes.count)], as: UTF8.self)
            .unicodeScalars.first
        guard let scalar else { return }
        let isWide = (0xff00...0xffef).contains(scalar.value)
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            if isWide { fallthrough }
        default:
            note(.lookAlike, from: start, to: start + scalar.utf8.count)
        }
    }
}
