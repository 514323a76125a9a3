/// A state in one or two words. The words themselves express its kind, not only the colour.
struct Badge {
    enum Kind { case plain, good, warning, bad }
    let kind: Kind
    /// A literal of this program.
    let words: String

    init(_ kind: Kind, _ words: String) {
        self.kind = kind
        self.words = words
    }

    var html: HTML {
        switch kind {
        case .plain: element(.span, .style(.badge)) { words }
        case .good: element(.span, .style(.badge, .good)) { words }
        case .warning: element(.span, .style(.badge, .warning)) { words }
        case .bad: element(.span, .style(.badge, .bad)) { words }
        }
    }
}
