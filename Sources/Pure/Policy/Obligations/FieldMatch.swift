import InterlockJSON

/// The part of a list of paths that concerns a field of one name.
enum FieldMatch {
    /// No path leads to the field.
    case unrelated
    /// A path leads to a name that differs from it by case or Unicode form alone (docs/specs/output-safety.md, section 3).
    case variant
    /// The rests of the paths below it, those to such variants of it included.
    case below([FieldPath])
}

extension Sequence<FieldPath> {
    func match(_ name: String) -> FieldMatch {
        var rests: [FieldPath] = []
        var isExact = false
        for path in self {
            guard let first = path.names.first else { continue }
            if sameBytes(first, name) {
                isExact = true
                rests.append(path.rest)
            } else if FieldName.areVariants(first, name) {
                rests.append(path.rest)
            }
        }
        if rests.isEmpty { return .unrelated }
        return isExact ? .below(rests) : .variant
    }
}

/// The comparison of names of fields without regard to case and Unicode form: canonical equivalence, full case folding by
/// the mappings of single characters, full-width forms of ASCII, and characters that are not displayed. Other compatible
/// forms, such as mathematical letters, and letters that only look alike are different names.
enum FieldName {
    static func areVariants(_ a: String, _ b: String) -> Bool {
        if isASCII(a), isASCII(b) {
            return a.utf8.count == b.utf8.count
                && zip(a.utf8, b.utf8).allSatisfy { lowercased($0) == lowercased($1) }
        }
        return folded(a) == folded(b)
    }

    private static func isASCII(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// A text to be compared by `==`, which regards canonically equivalent texts as equal.
    private static func folded(_ text: String) -> String {
        var folded = ""
        for scalar in text.unicodeScalars {
            if scalar.properties.isDefaultIgnorableCodePoint { continue }
            var narrow = scalar
            if (0xff01...0xff5e).contains(scalar.value),
                let ascii = Unicode.Scalar(scalar.value - 0xfee0)
            {
                narrow = ascii
            }
            for upper in narrow.properties.uppercaseMapping.unicodeScalars {
                folded += upper.properties.lowercaseMapping
            }
        }
        return folded
    }
}
