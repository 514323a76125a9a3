/// A form that filters a list. The filter is only in the address.
package struct FilterForm {
    package let list: Link
    /// True if no filter is set.
    package let isEmpty: Bool
    package let fields: [HTML]

    package init(list: Link, isEmpty: Bool, @HTMLBuilder fields: () -> [HTML]) {
        self.list = list
        self.isEmpty = isEmpty
        self.fields = fields()
    }

    package var html: HTML {
        element(
            .form, .style(.filters), .word(.method, "get"), .link(.action, list),
            .word(.role, "search"), .text(.label, "Filter")
        ) {
            fields
            element(.button, .word(.type, "submit")) { "Filter" }
            if !isEmpty { hyperlink(list) { "Show all" } }
        }
    }

    package static func text(
        _ label: String, _ name: StaticString, _ id: Anchor, _ value: String?
    ) -> HTML { Form.field(label, id, Form.line(name, id, value)) }

    /// A choice of one of a few values, or all.
    package static func choice(
        _ label: String, _ name: StaticString, _ id: Anchor,
        _ choices: [(value: String, words: String)], chosen: String?
    ) -> HTML {
        Form.select(label, name, id, [("", "all")] + choices, chosen: chosen)
    }
}
