import InterlockJSON

/// The place of an item in a list that people page through: by time, then by id, so that no page changes it.
package struct ListRank: Sendable {
    private let time: Timestamp
    private let id: UInt128
    /// The position of the item in the collection that is sorted.
    package let place: Int

    package init<Tag>(_ time: Timestamp, _ id: Identifier<Tag>, at place: Int) {
        self.time = time
        self.id = id.value
        self.place = place
    }

    /// Ranks an item without such an id: those of the same time keep their order, and come first.
    package init(_ time: Timestamp, at place: Int) {
        self.time = time
        id = UInt128(place)
        self.place = place
    }

    fileprivate func isBefore(_ other: ListRank) -> Bool {
        time == other.time ? id < other.id : time < other.time
    }
}

extension [ListRank] {
    /// Sorts ten thousand for each page, here, because this module is optimized and those of pages are not.
    package mutating func sortByTime(latestFirst: Bool = false) {
        if latestFirst { sort { $1.isBefore($0) } } else { sort { $0.isBefore($1) } }
    }

    /// Puts the items in the order of a column of texts, by their bytes, as `ListOrder.sorted` does with rows.
    ///
    /// - Parameter value: returns the value of the item at a position of the collection; is called once for each.
    package mutating func sort(isDescending: Bool, byText value: (Int) -> String?) {
        self = inOrder(isDescending: isDescending) { value($0.place).map { ExactText($0) } }
    }

    /// Puts the items in the order of a column of numbers, times or levels.
    package mutating func sort(isDescending: Bool, byNumber value: (Int) -> Int64?) {
        self = inOrder(isDescending: isDescending) { value($0.place) }
    }
}
