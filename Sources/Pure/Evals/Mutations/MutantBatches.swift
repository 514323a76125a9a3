/// The cases that are decided together, between two counts of progress: few enough that their mutants fit into memory,
/// whatever the size of their arguments.
package enum MutantBatches {
    package static let mostCases = 256
    /// The most bytes of the mutants of one batch as text, unless it is of one case.
    package static let mostBytes = 8 << 20

    /// - Parameter sizes: for each case the bytes that its mutants take as text.
    /// - Returns: the ranges of the batches, in order, which have each case once; none is empty.
    package static func ranges(of sizes: [Int]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        var bytes = 0
        for (place, size) in sizes.enumerated() {
            if place > start, place - start >= mostCases || bytes + size > mostBytes {
                ranges.append(start..<place)
                start = place
                bytes = 0
            }
            bytes += size
        }
        if start < sizes.count { ranges.append(start..<sizes.count) }
        return ranges
    }
}
