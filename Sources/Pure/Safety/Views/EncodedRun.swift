/// A run of characters of base64, which may be broken into lines, or of hexadecimal digits, which are a part of them.
struct EncodedRun {
    /// The fewest characters of a run, in all of its lines (docs/specs/output-safety.md, section 4).
    static let shortest = 16
    /// The fewest characters of a line that is neither the first nor the last.
    static let shortestLine = 4

    private let first: Range<Int>
    /// Further lines, if the first one is followed by an end of a line and more characters.
    private var further: [Line] = []
    private(set) var count: Int

    /// A line after the first. There may be millions of short ones.
    private struct Line {
        let start: UInt32
        let end: UInt32
        /// The number of characters in the lines before it.
        let before: UInt32

        var range: Range<Int> { Int(start)..<Int(end) }
    }

    var start: Int { first.lowerBound }
    var end: Int { further.last?.range.upperBound ?? first.upperBound }

    var hasLines: Bool { !further.isEmpty }

    /// The byte from which on the next run is looked for: a short last line may be the first one of another run.
    var next: Int {
        guard let last = further.last?.range, last.count < Self.shortestLine else { return end }
        return last.lowerBound
    }

    /// Finds the next run that begins in a range. It may end later.
    ///
    /// - Parameters:
    ///   - range: begins where a run does, or behind a byte that does not belong to a run.
    ///   - limit: the end of what may be a part of it.
    init?(in text: Span<UInt8>, startingIn range: Range<Int>, limit: Int) {
        let table = ByteClass.all
        let classes = table.span
        let size = classes.count
        precondition(size == 256)
        let last = min(limit, range.upperBound)
        var begin = range.lowerBound
        while true {
            begin = text.runStart(from: begin, to: max(begin, last))
            // A run has a character, or an end of a line behind one, at each distance of its least length: most bytes of
            // what is not passed over are never read.
            let probe = begin + Self.shortest - 1
            guard begin < range.upperBound, probe < limit else { return nil }
            guard let place = Self.character(at: probe, in: text, from: begin, classes) else {
                begin = probe + 1
                continue
            }
            var (start, end) = (place, place + 1)
            while start > begin, Self.isOfRun(text[start - 1], classes) { start -= 1 }
            end = Self.endOfLine(in: text, from: end, limit, classes)
            let line = start..<end
            var first = Self.firstLine(before: line, in: text, from: begin, classes)
            guard first.lowerBound < range.upperBound else { return nil }
            var isFound = Self.isLong(from: first, in: text, limit, classes)
            if !isFound, first != line {
                // A short line ends a run, and can begin another one.
                first = line
                isFound = Self.isLong(from: first, in: text, limit, classes)
            }
            if isFound, first.lowerBound < range.upperBound {
                self.init(from: first, in: text, limit, classes)
                return
            }
            begin = end
        }
    }

    private init(
        from first: Range<Int>, in text: Span<UInt8>, _ limit: Int, _ classes: Span<UInt8>
    ) {
        self.init(first)
        var last = first
        while let next = Self.line(after: last, in: text, limit, classes) {
            append(next)
            last = next
            if next.count < Self.shortestLine { return }
        }
    }

    private init(_ first: Range<Int>) { (self.first, count) = (first, first.count) }

    private mutating func append(_ line: Range<Int>) {
        further.append(
            Line(
                start: UInt32(line.lowerBound), end: UInt32(line.upperBound),
                before: UInt32(count)))
        count += line.count
    }

    /// Returns the next run in this one that begins with a long line behind a short one. The short line may have other
    /// words, which would be a part of what is decoded.
    ///
    /// - Parameter line: 1 at first.
    func longRun(from line: inout Int) -> EncodedRun? {
        while line <= further.count {
            var (last, next) = (self.line(line), line + 1)
            let isFirst = last.count >= Self.shortest && self.line(line - 1).count < Self.shortest
            line = next
            guard isFirst else { continue }
            var run = EncodedRun(last)
            while next <= further.count, last.count >= Self.shortest {
                last = self.line(next)
                run.append(last)
                next += 1
            }
            line = next
            return run
        }
        return nil
    }

    private static func isOfRun(_ byte: UInt8, _ classes: Span<UInt8>) -> Bool {
        classes[Int(byte)] & ByteClass.ofRun != 0
    }

    /// Returns the offset of a character of a run: the given one, or the one before an end of a line there.
    private static func character(
        at probe: Int, in text: Span<UInt8>, from begin: Int, _ classes: Span<UInt8>
    ) -> Int? {
        var place = probe
        if isOfRun(text[place], classes) { return place }
        if text[place] == UInt8(ascii: "\n"), place > begin { place -= 1 }
        if text[place] == UInt8(ascii: "\r"), place > begin { place -= 1 }
        return isOfRun(text[place], classes) ? place : nil
    }

    /// Returns the characters of the line that follows one; nil if no run continues there.
    private static func line(
        after line: Range<Int>, in text: Span<UInt8>, _ limit: Int, _ classes: Span<UInt8>
    ) -> Range<Int>? {
        var start = line.upperBound
        if start < limit, text[start] == UInt8(ascii: "\r") { start += 1 }
        guard start + 1 < limit, text[start] == UInt8(ascii: "\n"),
            isOfRun(text[start + 1], classes), limit <= Int(UInt32.max)
        else { return nil }
        start += 1
        return start..<endOfLine(in: text, from: start + 1, limit, classes)
    }

    /// Returns the end of the characters of a run that follow. Eight of them are passed at a time.
    private static func endOfLine(
        in text: Span<UInt8>, from start: Int, _ limit: Int, _ classes: Span<UInt8>
    ) -> Int {
        precondition(start >= 0 && limit <= text.count)
        let all = DigitPairs.entries
        let entries = all.span
        let size = entries.count
        precondition(size == 1 << 16)
        let bytes = unsafe text.bytes
        var end = start
        while limit &- end >= 8 {
            let word = ByteWord.load(bytes, end)
            if entries[Int(word & 0xffff)] == DigitPairs.none
                || entries[Int(word >> 16 & 0xffff)] == DigitPairs.none
                || entries[Int(word >> 32 & 0xffff)] == DigitPairs.none
                || entries[Int(word >> 48)] == DigitPairs.none
            {
                break
            }
            end &+= 8
        }
        while end < limit, isOfRun(text[end], classes) { end += 1 }
        return end
    }

    /// True if all characters are decimal digits, as those of a number are. What they would decode to in base64 is neither
    /// text nor data: each first byte of a group is beyond ASCII, and no header has six bits of which the first two are set.
    func isDecimal(in text: Span<UInt8>) -> Bool {
        for line in 0..<lines {
            for offset in line == 0 ? first : further[line - 1].range {
                guard 0x30...0x39 ~= text[offset] else { return false }
            }
        }
        return true
    }

    /// Returns the first line of the run that continues in a line.
    private static func firstLine(
        before line: Range<Int>, in text: Span<UInt8>, from begin: Int, _ classes: Span<UInt8>
    ) -> Range<Int> {
        var first = line
        while true {
            var end = first.lowerBound - 1
            guard end > begin, text[end] == UInt8(ascii: "\n") else { return first }
            if text[end - 1] == UInt8(ascii: "\r") { end -= 1 }
            guard end > begin, isOfRun(text[end - 1], classes) else { return first }
            var start = end - 1
            while start > begin, isOfRun(text[start - 1], classes) { start -= 1 }
            first = start..<end
            if first.count < shortestLine { return first }
        }
    }

    /// Returns true if a run that begins with a line has enough characters.
    private static func isLong(
        from first: Range<Int>, in text: Span<UInt8>, _ limit: Int, _ classes: Span<UInt8>
    ) -> Bool {
        var (last, count) = (first, first.count)
        while count < shortest, let next = line(after: last, in: text, limit, classes) {
            count += next.count
            last = next
            if next.count < shortestLine { break }
        }
        return count >= shortest
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

    /// The number of lines.
    var lines: Int { further.count + 1 }

    /// Returns the offsets of a line, of which the first is 0.
    func line(_ index: Int) -> Range<Int> {
        index == 0 ? first : further[index - 1].range
    }

    /// Returns the line of a character, and its offset in the text.
    func position(of index: Int) -> (line: Int, offset: Int) {
        guard index >= first.count, !further.isEmpty else { return (0, first.lowerBound + index) }
        var (low, high) = (0, further.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(further[middle].before) <= index { low = middle + 1 } else { high = middle }
        }
        let line = further[low - 1]
        return (low, Int(line.start) + index - Int(line.before))
    }
}
