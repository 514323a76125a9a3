package import InterlockModel

/// The link in the header of a column that puts the rows of its list in the order of the column. The server sorts,
/// so it works without scripts.
package struct SortLink: Sendable {
    package enum Direction: Sendable {
        case ascending, descending

        /// The value of `aria-sort`.
        var word: StaticString {
            switch self {
            case .ascending: "ascending"
            case .descending: "descending"
            }
        }
    }

    /// Leads to the first page in the order of the column; in the other direction if the list is in it already.
    package let link: Link
    /// The direction of the list if it is in the order of the column.
    package let direction: Direction?

    /// - Parameters:
    ///   - order: the order of the list; nil if no column orders it.
    ///   - startsDescending: true if the largest values are what people look for.
    ///   - address: returns the first page of the list in an order, with its filters.
    package init<Key>(
        _ column: Key, in order: ListOrder<Key>?, startsDescending: Bool = false,
        address: (ListOrder<Key>) -> Link
    ) {
        guard let order, order.column == column else {
            link = address(ListOrder(column, isDescending: startsDescending))
            direction = nil
            return
        }
        link = address(order.reversed)
        direction = order.isDescending ? .descending : .ascending
    }
}

/// The headers of a list that is sorted by links.
package struct SortedHeaders<Key>
where Key: RawRepresentable & CaseIterable & Hashable & Sendable, Key.RawValue == String {
    private let order: ListOrder<Key>?
    private let descending: Set<Key>
    private let address: (ListOrder<Key>) -> Link

    /// - Parameters:
    ///   - order: the order of the list; nil if no column orders it.
    ///   - descending: the columns whose largest values are what people look for.
    ///   - address: returns the first page of the list in an order, with its filters.
    package init(
        in order: ListOrder<Key>?, startingDescending descending: Set<Key> = [],
        address: @escaping (ListOrder<Key>) -> Link
    ) {
        self.order = order
        self.descending = descending
        self.address = address
    }

    /// The column with a link that sorts by it.
    package func column(_ column: Column, by key: Key) -> Column {
        column.sorting(
            SortLink(
                key, in: order, startsDescending: descending.contains(key), address: address))
    }
}

extension ListOrder {
    /// "by owner, descending", for a caption.
    ///
    /// - Parameter column: the column in words.
    package func caption(_ column: String) -> String {
        "by \(column)" + (isDescending ? ", descending" : "")
    }
}
