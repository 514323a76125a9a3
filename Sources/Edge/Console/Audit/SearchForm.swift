import InterlockAPI
import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// The search field of the log, with chips that narrow the search by a link.
struct SearchForm {
    /// The text in the field.
    let text: String
    /// The reason why nothing was searched.
    var fault: String?
    /// Is nil after a fault.
    var form: QueryForm?
    /// The day in UTC, for the chips of days.
    var today: CivilDate?
    /// The number of views between the shown records, which the search leaves out; nil if it is not known.
    var hiddenViews: UInt64?

    private static let field = Anchor("search-log")
    private static let error = Anchor("search-error")
    private static let hint = Anchor("search-hint")

    @HTMLBuilder var html: [HTML] {
        element(
            .form, .style(.filters), .word(.method, "get"), .link(.action, Link("audit")),
            .word(.role, "search"), .text(.label, "Search the log")
        ) {
            element(.div, .style(.field, .searching)) {
                element(.label, .anchor(.for, Self.field)) { "Search the log" }
                element(.p, .style(.hint), .id(Self.hint)) {
                    "Keys with values, and words: "
                    element(.code) { "agent:refunds decision:denied" }
                }
                if let fault {
                    element(.p, .style(.fault), .id(Self.error)) {
                        element(.strong) { "Error: " }
                        SafeText.text(fault)
                    }
                }
                input
            }
            if form?.query.hidesViews == false { Form.hidden("views", "shown") }
            element(.button, .word(.type, "submit")) { "Search" }
        }
        if let form { chips(form) }
        keys
    }

    private var input: HTML {
        let described: [Attribute] =
            fault == nil
            ? [.anchor(.describedBy, Self.hint)]
            : [.anchor(.describedBy, Self.error), .word(.invalid, "true")]
        return .empty(
            .input,
            [
                .word(.type, "search"), .word(.name, "q"), .id(Self.field), .text(.value, text),
                .word(.autocomplete, "off"), .word(.autocapitalize, "none"),
                .word(.spellcheck, "false"), .number(.maxlength, SearchTerms.mostBytes),
            ] + described)
    }

    /// A criterion in force ends with a cross and leads to the search without it; others add one.
    private func chips(_ form: QueryForm) -> HTML {
        element(.nav, .style(.chips), .text(.label, "Filters")) {
            element(.ul) {
                if form.fields["decision"] == nil {
                    chip("Denied", form.with("decision", "deny"))
                }
                if let today, form.fields["day"] == nil, form.query.since == nil,
                    form.query.until == nil
                {
                    chip("Today", form.with("day", today.text))
                    chip("Yesterday", form.with("day", today.start.dayBefore.text))
                }
                for key in SearchTerms.keys where form.fields[key.name] != nil {
                    element(.li) {
                        hyperlink(form.with(key.name, nil)) {
                            "\(key.name): "
                            SafeText.text(form.fields[key.name] ?? "")
                            " ×"
                        }
                    }
                }
                if form.query.type == nil {
                    if form.query.hidesViews {
                        chip(hidden, form.with("views", "shown"))
                    } else {
                        chip("Views shown ×", form.with("views", nil))
                    }
                }
                if !form.isEmpty { chip("Clear filters", Link("audit")) }
            }
        }
    }

    private var hidden: String {
        guard let hiddenViews else { return "Views and ticks hidden" }
        return "\(hiddenViews) views and ticks hidden"
    }

    private func chip(_ words: String, _ link: Link) -> HTML {
        element(.li) { hyperlink(link) { words } }
    }

    private var keys: HTML {
        element(.details) {
            element(.summary) { "Search keys" }
            for start in stride(from: 0, to: SearchTerms.keys.count, by: Facts.mostInList) {
                element(.dl, .style(.facts)) {
                    for key in SearchTerms.keys.dropFirst(start).prefix(Facts.mostInList) {
                        element(.dt) { element(.code) { key.name + ":" } }
                        element(.dd) { key.note }
                    }
                }
            }
        }
    }
}

extension Timestamp {
    fileprivate var dayBefore: CivilDate { Timestamp(microseconds: microseconds - 1).day }
}
