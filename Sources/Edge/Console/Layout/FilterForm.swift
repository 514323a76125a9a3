/// A form that filters a list. The filter is only in the address.
struct FilterForm {
    let list: Link
    /// True if no filter is set.
    let isEmpty: Bool
    let fields: [HTML]

    init(list: Link, isEmpty: Bool, @HTMLBuilder fields: () -> [HTML]) {
        self.list = list
        self.isEmpty = isEmpty
        self.fields = fields()
    }

    var html: HTML {
        element(
            .form, .style(.filters), .word(.method, "get"), .link(.action, list),
            .word(.role, "search"), .text(.label, "Filter")
        ) {
            fields
            element(.button, .word(.type, "submit")) { "Filter" }
            if !isEmpty { hyperlink(list) { "Show all" } }
        }
    }

    static func text(
        _ label: String, _ name: StaticString, _ id: Anchor, _ value: String?
    ) -> HTML { Form.field(label, id, Form.line(name, id, value)) }

    /// A choice of one of a few values, or all.
    static func choice(
        _ label: String, _ name: StaticString, _ id: Anchor,
        _ choices: [(value: String, words: String)], chosen: String?
    ) -> HTML {
        Form.select(label, name, id, [("", "all")] + choices, chosen: chosen)
    }
}
