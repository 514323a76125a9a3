import InterlockTesting
import Testing

@testable import InterlockEvals

/// The cases that are decided together, by the bytes of their mutants.
@Suite(.requirement("R115")) struct MutantBatchesTests {
    private static let known: [(sizes: [Int], ranges: [Range<Int>])] = [
        ([], []), ([0], [0..<1]), ([1, 2, 3], [0..<3]),
        ([MutantBatches.mostBytes, 1], [0..<1, 1..<2]),
        ([MutantBatches.mostBytes + 1, MutantBatches.mostBytes + 1], [0..<1, 1..<2]),
        ([MutantBatches.mostBytes - 1, 1, 1], [0..<2, 2..<3]),
    ]

    @Test func `a batch has as many cases as fit`() {
        for (sizes, ranges) in Self.known {
            #expect(MutantBatches.ranges(of: sizes) == ranges, "\(sizes)")
        }
    }

    @Test func `each case is in one batch, and no batch has too many`() {
        for count in [255, 256, 257, 512, 10_000] {
            for size in [0, 100_000, 64 << 17] {
                let ranges = MutantBatches.ranges(of: [Int](repeating: size, count: count))
                #expect(ranges.flatMap { Array($0) } == Array(0..<count))
                #expect(
                    ranges.allSatisfy {
                        (1...MutantBatches.mostCases).contains($0.count)
                            && ($0.count == 1 || $0.count * size <= MutantBatches.mostBytes)
                    })
            }
        }
    }
}
