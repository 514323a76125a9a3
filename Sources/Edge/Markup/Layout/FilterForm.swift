/// A form that filters a list. The filter is only in the address. On a phone several fields are behind a button, so that
/// the first row of the list is seen; the sheet opens without a script.
package struct FilterForm {
    package let list: Link
    /// True if no filter is set.
    package let isEmpty: Bool
    /// The number of fields with a value, which the button of the sheet states; nil if it is not counted.
    package let set: Int?
    package let fields: [HTML]

    /// - Parameter values: the values of the fields in the sheet, nil or empty where none is set.
    package init(
        list: Link, isEmpty: Bool, values: [String?]? = nil, @HTMLBuilder fields: () -> [HTML]
    ) {
        self.list = list
        self.isEmpty = isEmpty
        set = values.map { $0.count { $0?.isEmpty == false } }
        self.fields = fields()
    }

    package var html: HTML {
        element(
            .form, .style(.filters), .word(.method, "get"), .link(.action, list),
            .word(.role, "search"), .text(.label, "Filter")
        ) {
            if isFolded {
                Self.opener(opening, Self.sheet)
                element(.div, .id(Self.sheet), .style(.sheet), .flag(.popover)) { controls }
            } else {
                controls
            }
            if !isEmpty { hyperlink(list) { "Show all" } }
        }
    }

    private static let sheet = Anchor("filter-fields")

    private var opening: String {
        switch set {
        case 0: "Filters"
        case let set?: "Filters, \(set) set"
        case nil: isEmpty ? "Filters" : "Filters, set"
        }
    }

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
