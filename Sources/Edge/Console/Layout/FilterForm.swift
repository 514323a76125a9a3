/// What narrows a list: a form that only reads, so that what it finds has an address.
struct FilterForm {
    private let action: Link
    private var fields: [HTML] = []
    private var isUsed = false

    init(_ action: Link) { self.action = action }

    mutating func add(_ label: String, _ name: StaticString, text: String?) {
        isUsed = isUsed || text != nil
        let id = Anchor(name)
        fields.append(
            Form.field(
                label, id,
                .empty(
                    .input,
                    [
                        .word(.type, "text"), .word(.name, name), .id(id),
                        .text(.value, text ?? ""), .word(.autocomplete, "off"),
                        .word(.autocapitalize, "none"), .word(.spellcheck, "false"),
                        .number(.maxlength, 256),
                    ])))
    }

    /// - Parameter choices: words of this program.
    mutating func add(
        _ label: String, _ name: StaticString, oneOf choices: [String], chosen: String?
    ) {
        isUsed = isUsed || chosen != nil
        let id = Anchor(name)
        fields.append(
            Form.field(
                label, id,
                element(.select, .word(.name, name), .id(id)) {
                    element(.option, .text(.value, "")) { "all" }
                    for choice in choices {
                        if choice == chosen {
                            element(.option, .text(.value, choice), .flag(.selected)) { choice }
                        } else {
                            element(.option, .text(.value, choice)) { choice }
                        }
                    }
                }))
    }

    var html: HTML {
        element(
            .form, .style(.filters), .word(.method, "get"), .link(.action, action),
            .word(.role, "search"), .text(.label, "Filter")
        ) {
            fields
            element(.button, .word(.type, "submit")) { "Filter" }
            if isUsed { element(.a, .link(.href, action)) { "Show all" } }
        }
    }
}
