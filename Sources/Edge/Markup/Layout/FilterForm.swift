/// A form that filters a list. The filter is only in the address. On a phone several fields are behind a button, so that
/// the first row of the list is seen; the sheet opens without a script.
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
            if isFolded {
                Self.opener(isEmpty ? "Filters" : "Filters, set", Self.sheet)
                element(.div, .id(Self.sheet), .style(.sheet), .flag(.popover)) { controls }
            } else {
                controls
            }
            if !isEmpty { hyperlink(list) { "Show all" } }
        }
    }

    private static let sheet = Anchor("filter-fields")

    /// True if more than one field is shown. Hidden inputs have no label.
    private var isFolded: Bool {
        fields.count { if case .element = $0 { true } else { false } } > 1
    }

    @HTMLBuilder private var controls: [HTML] {
        fields
        element(.button, .word(.type, "submit")) { "Filter" }
    }

    /// The button of a sheet, for phones alone.
    static func opener(_ words: String, _ sheet: Anchor) -> HTML {
        element(
            .button, .style(.act, .opener), .word(.type, "button"), .anchor(.popovertarget, sheet)
        ) {
            Icon.more.html
            element(.span) { words }
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
