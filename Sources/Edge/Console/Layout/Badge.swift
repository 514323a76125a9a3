/// A state in a word or two; its kind stands in the words too, not in its colour alone.
struct Badge {
    enum Kind { case plain, good, warning, bad }
    let kind: Kind
    /// Of this program.
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
