import InterlockJSON

/// Characters that hide text from a person in what servers send. Those that writing systems, pictures and ordinary
/// programs use are not markers: joiners of Persian, Hindi and emoji, marks of direction, padding of mail, numbers of
/// contacts.
enum HiddenMarkers {
    /// Longer runs of different characters without width encode text.
    private static let shortestCode = 12
    private static let shortestSelectors = 4
    /// The scalars of a flag of a region: its letters and the end.
    private static let longestFlag = 7

    static func runs(in scalars: [Unicode.Scalar]) -> [Range<Int>] {
        guard scalars.contains(where: { $0.value > 0xff && $0.isHidden }) else { return [] }
        var runs: [Range<Int>] = []
        var isRightToLeft: Bool?
        var place = 0
        while place < scalars.count {
            let start = place
            place += 1
            guard scalars[start].value > 0xff, scalars[start].isHidden else { continue }
            switch scalars[start].value {
            case 0xe0000...0xe007f:
                place = end(of: scalars, from: start) { (0xe0000...0xe007f).contains($0) }
                let isFlag =
                    start > 0 && scalars[start - 1].value == 0x1f3f4
                    && scalars[place - 1].value == 0xe007f && place - start <= longestFlag
                if !isFlag { runs.append(start..<place) }
            case 0xfe00...0xfe0f, 0xe0100...0xe01ef:
                place = end(of: scalars, from: start) {
                    (0xfe00...0xfe0f).contains($0) || (0xe0100...0xe01ef).contains($0)
                }
                if place - start >= shortestSelectors { runs.append(start..<place) }
            case 0x202d where isNumber(scalars, from: place): break
            case 0x202d, 0x202e: runs.append(start..<place)
            case 0x202b, 0x2067:
                let known = isRightToLeft ?? scalars.contains { $0.isRightToLeft }
                isRightToLeft = known
                if !known { runs.append(start..<place) }
            default:
                place = end(of: scalars, from: start) { Unicode.Scalar.hasNoWidth($0) }
                guard place > start else {
                    place = start + 1
                    continue
                }
                let run = scalars[start..<place]
                let isCode = run.count >= shortestCode && run.contains { $0 != run[start] }
                let word = splitWord(scalars, from: start, place)
                if let word { place = word.end }
                if isCode || word?.isSplit == true { runs.append(start..<place) }
            }
        }
        return runs
    }

    /// Returns the first place from `start` on whose scalar is of another kind.
    private static func end(
        of scalars: [Unicode.Scalar], from start: Int, while isSame: (UInt32) -> Bool
    ) -> Int {
        scalars[start...].firstIndex { !isSame($0.value) } ?? scalars.count
    }

    /// Returns the end of a chain of letters each of which is followed by one character without width, and whether it is
    /// a word that is split so; a single place where a long word may break is none. A part of a chain that is no such
    /// word is none either, so the search continues after it. Returns nil if no chain begins here.
    private static func splitWord(
        _ scalars: [Unicode.Scalar], from start: Int, _ next: Int
    ) -> (end: Int, isSplit: Bool)? {
        guard next == start + 1, start > 0, isLetter(scalars[start - 1]) else { return nil }
        var end = start + 1
        var gaps = 1
        while end + 1 < scalars.count, isLetter(scalars[end]),
            Unicode.Scalar.hasNoWidth(scalars[end + 1].value)
        {
            gaps += 1
            end += 2
        }
        Steps.count(gaps)
        guard end < scalars.count else { return (end, false) }
        if isLetter(scalars[end]) { return (end, gaps > 1) }
        // A run that begins with the last character of the chain is another one.
        return (Unicode.Scalar.hasNoWidth(scalars[end].value) ? end - 1 : end, false)
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && scalar.properties.isAlphabetic
    }

    /// Returns whether a number of a telephone is shown from left to right, as programs for contacts copy it.
    private static func isNumber(_ scalars: [Unicode.Scalar], from start: Int) -> Bool {
        let most = min(scalars.count, start + 32)
        for scalar in scalars[start..<most] {
            switch scalar {
            case "0"..."9", "+", "-", "(", ")", ".", " ", "\u{a0}", "\u{2010}"..."\u{2015}":
                continue
            default: return scalar.value == 0x202c
            }
        }
        return false
    }
}

extension Unicode.Scalar {
    fileprivate static func hasNoWidth(_ value: UInt32) -> Bool {
        switch value {
        case 0x200b...0x200d, 0x2060...0x2064, 0xfeff, 0x180e: true
        default: false
        }
    }

    fileprivate var isRightToLeft: Bool {
        switch value {
        case 0x590...0x8ff, 0xfb1d...0xfdff, 0xfe70...0xfefc, 0x10800...0x10fff,
            0x1e800...0x1efff:
            true
        default: false
        }
    }
}
