/// A run of characters of base64, which may be broken into lines, or of hexadecimal digits, which are a part of them.
struct EncodedRun {
    /// The fewest characters of a run (docs/specs/output-safety.md, section 4).
    static let shortest = 16

    private let first: Range<Int>
    /// Further lines, if the first one is followed by an end of a line and more characters.
    private var further: [Range<Int>] = []
    /// The number of characters before each of the further lines.
    private var starts: [Int] = []
    private(set) var count = 0

    var start: Int { first.lowerBound }
    var end: Int { further.last?.upperBound ?? first.upperBound }

    /// Finds the next run that begins in a range. It may end later.
    ///
    /// - Parameters:
    ///   - range: begins where a run does, or behind a byte that does not belong to a run.
    ///   - limit: the end of what may be a part of it.
    init?(in text: Span<UInt8>, startingIn range: Range<Int>, limit: Int) {
        let classes = ByteClass.all.span
        // A run has a character at each distance of its least length: most bytes are never read.
        var (begin, probe) = (range.lowerBound, range.lowerBound + Self.shortest - 1)
        while probe < limit {
            guard Self.isOfRun(text[probe], classes) else {
                begin = probe + 1
                probe += Self.shortest
                guard begin < range.upperBound else { return nil }
                continue
            }
            var start = probe
            while start > begin, Self.isOfRun(text[start - 1], classes) { start -= 1 }
            guard start < range.upperBound else { return nil }
            var end = probe + 1
            while end < limit, Self.isOfRun(text[end], classes) { end += 1 }
            guard end - start < Self.shortest else {
                first = start..<end
                count = end - start
                addLines(of: text, limit, classes)
                return
            }
            begin = end
            probe = end + Self.shortest - 1
        }
        return nil
    }

    private static func isOfRun(_ byte: UInt8, _ classes: Span<UInt8>) -> Bool {
        classes[Int(byte)] & ByteClass.ofRun != 0
    }

    private mutating func addLines(of text: Span<UInt8>, _ limit: Int, _ classes: Span<UInt8>) {
        var last = first
        while last.count >= Self.shortest {
            var start = last.upperBound
            if start < limit, text[start] == UInt8(ascii: "\r") { start += 1 }
            guard start + 1 < limit, text[start] == UInt8(ascii: "\n"),
                Self.isOfRun(text[start + 1], classes)
            else { return }
            start += 1
            var end = start + 1
            while end < limit, Self.isOfRun(text[end], classes) { end += 1 }
            last = start..<end
            further.append(last)
            starts.append(count)
            count += last.count
        }
    }

    /// Passes through the offsets in the text of characters, from the one with this index on. Characters are counted
    /// without the ends of lines.
    func offsets(from index: Int) -> Offsets {
        let (line, offset) = position(of: index)
        return Offsets(run: self, line: line, next: offset, lineEnd: self.line(line).upperBound)
    }

    struct Offsets {
        fileprivate let run: EncodedRun
        fileprivate var line: Int
        fileprivate var next: Int
        fileprivate var lineEnd: Int

        /// Returns the next offset. Must not be called after the last character.
        mutating func take() -> Int {
            if next == lineEnd {
                line += 1
                (next, lineEnd) = (run.line(line).lowerBound, run.line(line).upperBound)
            }
            defer { next += 1 }
            return next
        }
    }

    /// Returns the lines of these characters, whole, with the padding after the run.
    func extent(of range: Range<Int>, in text: Span<UInt8>) -> Range<Int> {
        let start = line(position(of: range.lowerBound).line).lowerBound
        let last = position(of: max(range.lowerBound, range.upperBound - 1)).line
        var end = line(last).upperBound
        guard last == further.count else { return start..<end }
        let padding = min(text.count, end + 2)
        while end < padding, text[end] == UInt8(ascii: "=") { end += 1 }
        return start..<end
    }

    fileprivate func line(_ index: Int) -> Range<Int> { index == 0 ? first : further[index - 1] }

    private func position(of index: Int) -> (line: Int, offset: Int) {
        guard index >= first.count, !further.isEmpty else { return (0, first.lowerBound + index) }
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= index { low = middle + 1 } else { high = middle }
        }
        return (low, further[low - 1].lowerBound + index - starts[low - 1])
    }
}
