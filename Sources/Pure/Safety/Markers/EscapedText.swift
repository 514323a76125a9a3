/// The text of a result that is JSON in a string, as a model reads it: words are not joined with the escapes before them.
enum EscapedText {
    /// Appends a text with the escapes of JSON replaced by their characters. Others are left as they are.
    static func append(_ text: String, to scalars: inout [Unicode.Scalar]) {
        guard text.utf8.contains(UInt8(ascii: "\\")) else {
            scalars.append(contentsOf: text.unicodeScalars)
            return
        }
        let source = Array(text.unicodeScalars)
        var place = 0
        while place < source.count {
            guard source[place] == "\\", place + 1 < source.count else {
                scalars.append(source[place])
                place += 1
                continue
            }
            switch source[place + 1] {
            case "n", "r": scalars.append("\n")
            case "t": scalars.append("\t")
            case "\"", "/", "\\": scalars.append(source[place + 1])
            case "u":
                if let (scalar, end) = codePoint(source, at: place) {
                    scalars.append(scalar)
                    place = end
                    continue
                }
                scalars.append(contentsOf: source[place...place + 1])
            default: scalars.append(contentsOf: source[place...place + 1])
            }
            place += 2
        }
    }

    /// Returns the scalar of `\u` and four digits, or of two such escapes for one, and the place after them.
    private static func codePoint(
        _ source: [Unicode.Scalar], at place: Int
    ) -> (scalar: Unicode.Scalar, end: Int)? {
        guard let first = unit(source, at: place) else { return nil }
        if let scalar = Unicode.Scalar(first) { return (scalar, place + 6) }
        guard (0xd800...0xdbff).contains(first), let second = unit(source, at: place + 6),
            (0xdc00...0xdfff).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
        else { return nil }
        return (scalar, place + 12)
    }

    private static func unit(_ source: [Unicode.Scalar], at place: Int) -> UInt32? {
        guard place + 6 <= source.count, source[place] == "\\", source[place + 1] == "u" else {
            return nil
        }
        var unit: UInt32 = 0
        for scalar in source[place + 2..<place + 6] {
            guard let digit = Character(scalar).hexDigitValue else { return nil }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }
}
