/// A change of one character for the search: an escape is decoded, a character without a width is removed, and one that a
/// reader takes for an ASCII character becomes it.
struct TextEdit {
    /// The bytes that it takes the place of.
    let length: Int
    /// The character, or the byte if `isByte`; nil if it is removed.
    let scalar: UInt32?
    let isByte: Bool
    /// False if the change matters only where another one is near.
    let isSeed: Bool

    private init(_ length: Int, _ scalar: UInt32?, isByte: Bool = false, isSeed: Bool) {
        (self.length, self.scalar, self.isByte, self.isSeed) = (length, scalar, isByte, isSeed)
    }

    /// - Parameters:
    ///   - index: the offset of a byte with which an escape begins, or of one beyond ASCII.
    ///   - range: the bytes that may be read.
    /// - Returns: nil if the character stays as it is, or the bytes are not valid UTF-8.
    init?(in text: Span<UInt8>, at index: Int, _ range: Range<Int>) {
        guard text[index] >= 0x80 else {
            guard let escape = TextEscape(in: text, at: index, end: range.upperBound) else {
                return nil
            }
            self.init(escape.length, escape.scalar, isByte: escape.isByte, isSeed: true)
            return
        }
        guard let (scalar, length) = Self.character(text, index, range.upperBound),
            let change = Self.change(of: scalar)
        else { return nil }
        switch change {
        case .compatible(let ascii):
            let isOfToken = ByteClass.all[Int(ascii)] & ByteClass.ofToken != 0
            self.init(
                length, UInt32(ascii),
                isSeed: isOfToken || Self.isAtASCII(text, index..<index + length, range))
        case .lookalike(let ascii):
            self.init(
                length, UInt32(ascii),
                isSeed: Self.isInToken(text, index..<index + length, range))
        case .removed:
            self.init(length, nil, isSeed: Self.isAtASCII(text, index..<index + length, range))
        }
    }

    private enum Change {
        case compatible(UInt8)
        case lookalike(UInt8)
        case removed
    }

    private static func change(of scalar: UInt32) -> Change? {
        switch scalar {
        // Latin, Armenian to Georgian, and the letters of East Asia: most texts beyond ASCII have no others.
        case 0xbb..<0x17f, 0x0530..<0x061c, 0x061d..<0x115f, 0x3001..<0x3164, 0x3165..<0xa7f2,
            0xac00..<0xd800:
            return nil
        case 0x0370..<0x0530: return CompatibilityLetters.lookalike(scalar).map(Change.lookalike)
        default:
            if let ascii = CompatibilityLetters.ascii(scalar) { return .compatible(ascii) }
            guard let scalar = Unicode.Scalar(scalar),
                scalar.properties.isDefaultIgnorableCodePoint
            else { return nil }
            return .removed
        }
    }

    /// Returns true if a neighbor of a character may be one of a token: in prose of other scripts, none is.
    private static func isInToken(
        _ text: Span<UInt8>, _ character: Range<Int>, _ range: Range<Int>
    ) -> Bool {
        let table = ByteClass.all
        let classes = table.span
        if character.lowerBound > range.lowerBound,
            classes[Int(text[character.lowerBound - 1])] & ByteClass.ofToken != 0
        {
            return true
        }
        let next = character.upperBound
        return next < range.upperBound && classes[Int(text[next])] & ByteClass.ofToken != 0
    }

    /// Returns true if a neighbor of a character is one of ASCII that a value or a marker of a key may have. A space counts
    /// before the character alone: pictures have selectors and then a space.
    private static func isAtASCII(
        _ text: Span<UInt8>, _ character: Range<Int>, _ range: Range<Int>
    ) -> Bool {
        let (last, next) = (character.lowerBound - 1, character.upperBound)
        if last >= range.lowerBound, text[last] >= 0x20, text[last] < 0x7f { return true }
        return next < range.upperBound && text[next] > 0x20 && text[next] < 0x7f
    }

    /// Returns the character that begins at an offset, with its bytes; nil if no valid UTF-8 does.
    private static func character(
        _ text: Span<UInt8>, _ index: Int, _ end: Int
    ) -> (scalar: UInt32, length: Int)? {
        let first = text[index]
        let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
        guard first >= 0xc2, first < 0xf5, index + length <= end else { return nil }
        var scalar = UInt32(first) & (0x7f >> UInt32(length))
        for next in index + 1..<index + length {
            guard text[next] & 0xc0 == 0x80 else { return nil }
            scalar = scalar << 6 | UInt32(text[next] & 0x3f)
        }
        let isShortest = length == 2 || scalar >= (length == 3 ? 0x800 : 0x10000)
        return isShortest && Unicode.Scalar(scalar) != nil ? (scalar, length) : nil
    }
}
