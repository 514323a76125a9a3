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
    /// - Returns: nil if the character stays as it is, or is none.
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
        let classes = ByteClass.all.span
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

/// The progress of edits in a text, a range of it after another.
struct EditProgress: Sendable {
    /// The offset behind what was searched for edits.
    var end = 0
    /// The last characters before `end` if each of them may be edited, and matters only where another edit is near.
    var chain = 0..<0
}

extension ViewDecoder {
    /// Adds the parts of a text in which something is edited, with their surroundings.
    ///
    /// - Parameters:
    ///   - progress: the end of what was edited before; edits behind the range are made if they are near one in it, and
    ///     are not made again.
    ///   - end: the end of the range.
    ///   - limits: the range that may be read.
    func edit(
        _ text: Span<UInt8>, from progress: inout EditProgress, to end: Int,
        within limits: Range<Int>, to layer: inout DecodedLayer
    ) {
        var index = progress.end
        var chain = progress.chain
        // The characters before it are edited, as an edit that follows them matters.
        var chosen = index
        // The end of the last edit, and of the part that is open.
        var copied = limits.lowerBound
        var open: Int?
        while !layer.isFull {
            let stop = max(end, open ?? 0)
            guard index < stop else { break }
            index = text.firstEdit(in: index..<stop)
            guard index < stop else { break }
            guard let edit = TextEdit(in: text, at: index, limits) else {
                index += 1
                continue
            }
            let isNear = index < open ?? 0
            let isSeed = edit.isSeed || index < chosen
            guard isNear || isSeed && index < end else {
                let isNext = chain.upperBound == index && !chain.isEmpty
                chain = (isNext ? chain.lowerBound : index)..<index + edit.length
                index += edit.length
                continue
            }
            if !isNear {
                if edit.isSeed, chain.upperBound == index, !chain.isEmpty {
                    // The characters before the edit, without a gap, belong to the same value.
                    (chosen, index) = (index, chain.lowerBound)
                    chain = 0..<0
                    continue
                }
                if let reach = open {
                    layer.copy(copied..<max(copied, reach), of: text)
                    layer.endPart()
                }
                // Parts may have the same surroundings; no edit lies in them.
                copied = max(copied, index - Self.context)
            }
            layer.copy(copied..<index, of: text)
            layer.append(edit, at: index)
            index += edit.length
            copied = index
            let reach = min(limits.upperBound, index + Self.context)
            open = isSeed ? reach : max(open ?? 0, index)
        }
        if let reach = open {
            layer.copy(copied..<max(copied, reach), of: text)
            layer.endPart()
        }
        progress.end = index
        progress.chain = chain
    }
}
