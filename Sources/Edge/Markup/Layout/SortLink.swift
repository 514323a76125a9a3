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
    ///   - order: the order of the list.
    ///   - startsDescending: true if the largest values are what people look for.
    ///   - address: returns the first page of the list in an order, with its filters.
    package init<Key>(
        _ column: Key, in order: ListOrder<Key>, startsDescending: Bool = false,
        address: (ListOrder<Key>) -> Link
    ) {
        guard order.column == column else {
            link = address(ListOrder(column, isDescending: startsDescending))
            direction = nil
            return
        }
        link = address(order.reversed)
        direction = order.isDescending ? .descending : .ascending
    }
}
