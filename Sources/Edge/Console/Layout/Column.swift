/// A column of a table.
struct Column: Sendable, ExpressibleByStringInterpolation {
    /// What its cells are, which decides how they are aligned and where their lines may break.
    enum Kind: Sendable {
        case id, name, text, number, time, state
    }

    /// The width of a table that a column needs. A list of cards has every column.
    enum Priority: Sendable {
        case always
        /// Displayed if the table has 52 rem.
        case second
        /// Displayed if the table has 64 rem.
        case third
    }

    let title: String
    let kind: Kind
    let priority: Priority

    private init(_ title: String, _ kind: Kind, _ priority: Priority) {
        self.title = title
        self.kind = kind
        self.priority = priority
    }

    /// A column of text that is always displayed.
    init(stringLiteral title: String) { self.init(title, .text, .always) }

    static func id(_ title: String, _ priority: Priority = .always) -> Column {
        Column(title, .id, priority)
    }

    static func name(_ title: String, _ priority: Priority = .always) -> Column {
        Column(title, .name, priority)
    }

    static func text(_ title: String, _ priority: Priority = .always) -> Column {
        Column(title, .text, priority)
    }

    static func number(_ title: String, _ priority: Priority = .always) -> Column {
        Column(title, .number, priority)
    }

    static func time(_ title: String, _ priority: Priority = .always) -> Column {
        Column(title, .time, priority)
    }

    static func state(_ title: String, _ priority: Priority = .always) -> Column {
        Column(title, .state, priority)
    }

    /// The styles of its cells.
    var styles: [Style] {
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
