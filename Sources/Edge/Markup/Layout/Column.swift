/// A column of a table.
package struct Column: Sendable, ExpressibleByStringInterpolation {
    /// The kind of its cells, which decides how they are aligned and where their lines may break.
    package enum Kind: Sendable {
        case id, name, text, number, time, state
    }

    /// The width of a table that a column needs. A list of cards has every column.
    package enum Priority: Sendable {
        case always
        /// Displayed if the table has 52 rem.
        case second
        /// Displayed if the table has 64 rem.
        case third
    }

    package let title: String
    package let kind: Kind
    package let priority: Priority
    /// The link that sorts by the column; nil if the list has no order by it.
    package private(set) var sort: SortLink?

    private init(_ title: String, _ kind: Kind, _ priority: Priority) {
        self.title = title
        self.kind = kind
        self.priority = priority
    }

    /// A column of text that is always displayed.
    package init(stringLiteral title: String) { self.init(title, .text, .always) }

    package static func id(_ title: String, _ priority: Priority = .always) -> Column {
        Column(title, .id, priority)
    }

    package static func name(_ title: String, _ priority: Priority = .always) -> Column {
        Column(title, .name, priority)
    }

    package static func text(_ title: String, _ priority: Priority = .always) -> Column {
        Column(title, .text, priority)
    }

    package static func number(_ title: String, _ priority: Priority = .always) -> Column {
        Column(title, .number, priority)
    }

    package static func time(_ title: String, _ priority: Priority = .always) -> Column {
        Column(title, .time, priority)
    }

    package static func state(_ title: String, _ priority: Priority = .always) -> Column {
        Column(title, .state, priority)
    }

    /// The same column with a link that sorts by it.
    package func sorting(_ sort: SortLink) -> Column {
        var column = self
        column.sort = sort
        return column
    }

    /// The styles of its cells.
    package var styles: [Style] {
        let kind: Style =
            switch kind {
            case .id: .id
            case .name: .name
            case .text: .text
            case .number: .number
            case .time: .time
            case .state: .state
            }
        return switch priority {
        case .always: [kind]
        case .second: [kind, .second]
        case .third: [kind, .third]
        }
    }
}
