import InterlockModel
import InterlockTesting
import Testing

@Suite struct ListRankTests {
    private enum Thing {}

    private func rank(_ seconds: Int64, _ last: UInt8, at place: Int) -> ListRank {
        let random = [UInt8](repeating: 7, count: 9) + [last]
        return ListRank(
            Timestamp(microseconds: seconds * 1_000_000),
            Identifier<Thing>(milliseconds: 1_795_000_000_000, random: random), at: place)
    }

    @Test func `the earliest comes first, and of one time the one whose id is written first`() {
        var ranks = [rank(5, 2, at: 0), rank(4, 9, at: 1), rank(5, 1, at: 2), rank(6, 0, at: 3)]
        ranks.sortByTime()
        #expect(ranks.map(\.place) == [1, 2, 0, 3])
        ranks.sortByTime(latestFirst: true)
        #expect(ranks.map(\.place) == [3, 0, 2, 1])
    }

    @Test func `a column orders as rows are ordered, and the same values keep their places`() {
        let texts: [String?] = ["b", nil, "a", "b", "B", nil, "\u{e9}", "e\u{301}"]
        let numbers: [Int64?] = [2, nil, 1, 2, -5, nil, 7, 7]
        for isDescending in [false, true] {
            let order = ListOrder(Column.value, isDescending: isDescending)
            let places = Array(texts.indices)
            var ranks = places.map { rank(Int64($0), 0, at: $0) }
            ranks.sort(isDescending: isDescending, byNumber: { numbers[$0] })
            #expect(ranks.map(\.place) == order.sorted(places) { numbers[$0] })
            ranks.sortByTime()
            ranks.sort(isDescending: isDescending, byText: { texts[$0] })
            // The order is by bytes, so that two ways to write a letter are two texts.
            let found = isDescending ? [6, 7, 0, 3, 2, 4, 1, 5] : [4, 2, 0, 3, 7, 6, 1, 5]
            #expect(ranks.map(\.place) == found)
        }
    }

    private enum Column: String, CaseIterable { case value }

    @Test func `ids are ordered as their written forms are`() {
        var generator = SeededGenerator.announced()
        let ids = (0..<200).map { _ in
            Identifier<Thing>(
                milliseconds: Int64.random(in: 0..<1 << 48, using: &generator),
                random: (0..<10).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        let now = Timestamp(microseconds: 0)
        var ranks = ids.indices.map { ListRank(now, ids[$0], at: $0) }
        ranks.sortByTime()
        #expect(ranks.map { ids[$0.place].text } == ids.map(\.text).sorted())
    }

    @Test(arguments: [(1_999, 1_000), (2_000, 2_000), (-1, -1_000), (-1_000, -1_000)])
    func `a time is cut down to its millisecond`(_ given: Int64, _ cut: Int64) {
        #expect(
            Timestamp(microseconds: given).wholeMillisecond == Timestamp(microseconds: cut))
    }
}
