/// The difference between two texts by lines, by the algorithm of Myers: as few lines as possible are removed and added.
/// Lines are compared by their bytes, so two spellings of one letter differ.
///
/// The work is bounded. Beyond the bound, all lines between the first and the last difference are removed and added,
/// which is still true, only longer.
///
/// INVARIANT: the lines that are kept or added, in order, are the whole new text. Kept by `TextDiffTests`.
package struct TextDiff: Sendable {
    package enum Kind: Sendable, Hashable { case same, removed, added }

    /// Neighbouring lines of one kind.
    package struct Part: Sendable, Hashable {
        package let kind: Kind
        /// The lines of the old text, from 0; empty for added ones.
        package let old: Range<Int>
        /// The lines of the new text, from 0; empty for removed ones.
        package let new: Range<Int>
    }

    /// The bounds of the work for one text.
    package struct Bounds: Sendable {
        /// The most removed and added lines of a shortest diff. The memory needed grows by its square.
        package var edits = 2000
        /// The most comparisons of two lines.
        package var steps = 20_000_000
        /// The most lines of both texts together. Each takes 40 bytes or more while the texts are compared.
        package var lines = 200_000

        package init() {}
    }

    /// Each line with its line break; only the last one may have none.
    package let old: [ArraySlice<UInt8>]
    package let new: [ArraySlice<UInt8>]
    package let parts: [Part]
    /// False if a bound was reached: kept lines may then be among the removed and added ones.
    package let isShortest: Bool

    /// - Returns: nil if the texts have more lines than the bound. They are counted before any is stored.
    package init?(from old: [UInt8], to new: [UInt8], within bounds: Bounds = Bounds()) {
        guard Self.lineCount(of: old) + Self.lineCount(of: new) <= bounds.lines else { return nil }
        let (before, after) = (Self.lines(of: old), Self.lines(of: new))
        (self.old, self.new) = (before, after)
        var numbers: [ArraySlice<UInt8>: Int32] = [:]
        func numbered(_ lines: [ArraySlice<UInt8>]) -> [Int32] {
            lines.map { line in
                if let known = numbers[line] { return known }
                let next = Int32(numbers.count)
                numbers[line] = next
                return next
            }
        }
        let (a, b) = (numbered(before), numbered(after))
        let head = zip(a, b).prefix { $0 == $1 }.count
        let rest = min(a.count, b.count) - head
        let tail = zip(a.reversed(), b.reversed()).prefix(rest).prefix { $0 == $1 }.count
        let inner = ShortestEdit.find(
            a[head..<a.count - tail], b[head..<b.count - tail], within: bounds)
        isShortest = inner != nil
        var parts = PartList()
        parts.add(.same, head)
        if let inner {
            for kind in inner { parts.add(kind, 1) }
        } else {
            parts.add(.removed, a.count - tail - head)
            parts.add(.added, b.count - tail - head)
        }
        parts.add(.same, tail)
        self.parts = parts.parts
    }

    package var removed: Int {
        parts.reduce(0) { $0 + ($1.kind == .removed ? $1.old.count : 0) }
    }
    package var added: Int {
        parts.reduce(0) { $0 + ($1.kind == .added ? $1.new.count : 0) }
    }

    static func lineCount(of text: [UInt8]) -> Int {
        let breaks = text.count { $0 == UInt8(ascii: "\n") }
        return text.isEmpty || text.last == UInt8(ascii: "\n") ? breaks : breaks + 1
    }

    private static func lines(of text: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        for (place, byte) in text.enumerated() where byte == UInt8(ascii: "\n") {
            lines.append(text[start...place])
            start = place + 1
        }
        if start < text.count { lines.append(text[start...]) }
        return lines
    }
}

/// Parts in order, of which neighbours of one kind are one.
private struct PartList {
    private(set) var parts: [TextDiff.Part] = []
    private var old = 0
    private var new = 0

    mutating func add(_ kind: TextDiff.Kind, _ count: Int) {
        guard count > 0 else { return }
        var (oldStart, newStart) = (old, new)
        if let last = parts.last, last.kind == kind {
            (oldStart, newStart) = (last.old.lowerBound, last.new.lowerBound)
            parts.removeLast()
        }
        if kind != .added { old += count }
        if kind != .removed { new += count }
        parts.append(TextDiff.Part(kind: kind, old: oldStart..<old, new: newStart..<new))
    }
}

/// The greedy search of E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), for numbered lines.
private enum ShortestEdit {
    /// - Returns: the kind of each line in order, removed ones before added ones; nil if a bound was reached.
    static func find(
        _ old: ArraySlice<Int32>, _ new: ArraySlice<Int32>, within bounds: TextDiff.Bounds
    ) -> [TextDiff.Kind]? {
        let (a, b) = (Array(old), Array(new))
        guard !a.isEmpty, !b.isEmpty else {
            return Array(repeating: .removed, count: a.count)
                + Array(repeating: .added, count: b.count)
        }
        let most = min(a.count + b.count, max(0, bounds.edits))
        // The furthest line of the old text on each diagonal, for each number of edits.
        var reached: [[Int32]] = []
        var last: [Int32] = [0]
        var steps = 0
        for edits in 0...most {
            var furthest = [Int32](repeating: 0, count: 2 * edits + 1)
            for place in 0...edits {
                let diagonal = -edits + 2 * place
                var x = start(on: diagonal, edits, last)
                while x < a.count, x - diagonal < b.count, x - diagonal >= 0,
                    a[x] == b[x - diagonal]
                {
                    x += 1
                    steps += 1
                }
                steps += 1
                guard steps <= bounds.steps else { return nil }
                furthest[diagonal + edits] = Int32(x)
                if x >= a.count, x - diagonal >= b.count {
                    return path(to: a.count, b.count, edits, reached)
                }
            }
            reached.append(furthest)
            last = furthest
        }
        return nil
    }

    /// The first line of the old text on a diagonal after one more edit.
    private static func start(on diagonal: Int, _ edits: Int, _ last: [Int32]) -> Int {
        guard edits > 0 else { return 0 }
        return isAdded(on: diagonal, edits, last)
            ? Int(last[diagonal + 1 + edits - 1]) : Int(last[diagonal - 1 + edits - 1]) + 1
    }

    /// Returns true if the edit that leads to the diagonal adds a line.
    private static func isAdded(on diagonal: Int, _ edits: Int, _ last: [Int32]) -> Bool {
        if diagonal == -edits { return true }
        if diagonal == edits { return false }
        return last[diagonal - 1 + edits - 1] < last[diagonal + 1 + edits - 1]
    }

    private static func path(
        to oldEnd: Int, _ newEnd: Int, _ edits: Int, _ reached: [[Int32]]
    ) -> [TextDiff.Kind] {
        var kinds: [TextDiff.Kind] = []
        var (x, y) = (oldEnd, newEnd)
        for edit in stride(from: edits, to: 0, by: -1) {
            let last = reached[edit - 1]
            let diagonal = x - y
            let adds = isAdded(on: diagonal, edit, last)
            let before = adds ? diagonal + 1 : diagonal - 1
            let formerX = Int(last[before + edit - 1])
            let formerY = formerX - before
            let (afterX, afterY) = adds ? (formerX, formerY + 1) : (formerX + 1, formerY)
            kinds += Array(repeating: .same, count: x - afterX)
            kinds.append(adds ? .added : .removed)
            (x, y) = (formerX, formerY)
            assert(afterX - afterY == diagonal)
        }
        kinds += Array(repeating: .same, count: x)
        return kinds.reversed()
    }
}
