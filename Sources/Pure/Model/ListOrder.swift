/// The order of a list: one of its columns and a direction. In an address and in the API it is the name of the column,
/// with `-` before it if the order is descending.
package struct ListOrder<Column>: Hashable, Sendable
where Column: RawRepresentable & CaseIterable & Hashable & Sendable, Column.RawValue == String {
    package let column: Column
    package let isDescending: Bool

    package init(_ column: Column, isDescending: Bool = false) {
        self.column = column
        self.isDescending = isDescending
    }

    /// Returns nil if the text names no column of the list.
    package init?(_ text: String) {
        let isDescending = text.hasPrefix("-")
        guard let column = Column(rawValue: isDescending ? String(text.dropFirst()) : text) else {
            return nil
        }
        self.init(column, isDescending: isDescending)
    }

    package var text: String { (isDescending ? "-" : "") + column.rawValue }

    package var reversed: ListOrder { ListOrder(column, isDescending: !isDescending) }

    /// Every order that the list has, as written.
    package static var texts: [String] {
        Column.allCases.flatMap { [$0.rawValue, "-" + $0.rawValue] }
    }

    /// Returns the rows in this order. Rows without a value come last in both directions; rows with the same value keep
    /// the order that they have.
    ///
    /// - Parameter value: is called once for each row.
    package func sorted<Row, Value: Comparable>(_ rows: [Row], by value: (Row) -> Value?) -> [Row] {
        rows.inOrder(isDescending: isDescending, of: value)
    }
}

extension Array {
    /// The elements in the order of their values, as `ListOrder.sorted` returns rows.
    func inOrder<Value: Comparable>(isDescending: Bool, of value: (Element) -> Value?) -> [Element]
    {
        let keyed = enumerated().map { (place: $0.offset, value: value($0.element)) }
        let ordered = keyed.sorted { one, other in
            guard let first = one.value else {
                return other.value == nil && one.place < other.place
            }
            guard let second = other.value else { return true }
            if first == second { return one.place < other.place }
            return (first < second) != isDescending
        }
        return ordered.map { self[$0.place] }
    }
}
