import InterlockModel

enum NoticeKind { case good, warning, bad }

/// A prominent sentence. Its words themselves express its kind, not only the colour.
func notice(_ kind: NoticeKind, @HTMLBuilder content: () -> [HTML]) -> HTML {
    let words = element(.p, content: content)
    return switch kind {
    case .good: element(.div, .style(.notice, .good), .word(.role, "status")) { words }
    case .warning: element(.div, .style(.notice, .warning)) { words }
    case .bad: element(.div, .style(.notice, .bad), .word(.role, "alert")) { words }
    }
}

/// A state in one or two words. The words themselves express its kind, not only the colour.
///
/// - Parameter words: a literal of this program.
func badge(_ words: String, _ styles: Style...) -> HTML {
    element(.span, .style([.badge] + styles)) {
        if let icon = Icon(ofBadge: styles) { icon.html }
        words
    }
}

/// The link to the page above this one.
func crumbs(_ words: String, _ link: Link) -> HTML {
    element(.p, .style(.crumbs)) { hyperlink(link) { words } }
}

/// A section with a heading.
///
/// - Parameter id: the place to which a link leads.
func card(
    _ heading: String, _ styles: Style..., id: Anchor? = nil, @HTMLBuilder content: () -> [HTML]
) -> HTML {
    .element(
        .section, [.style([.card] + styles)] + (id.map { [.id($0)] } ?? []),
        [element(.h2) { heading }] + content())
}

/// A list of names and values.
struct Facts {
    private var pairs: [HTML] = []

    /// - Parameter name: a literal of this program.
    mutating func add(_ name: String, @HTMLBuilder _ content: () -> [HTML]) {
        pairs.append(element(.dt) { name })
        pairs.append(element(.dd) { content() })
    }

    /// Adds a text of any origin; omitted if it is nil or empty.
    mutating func add(_ name: String, text: String?) {
        guard let text, !text.isEmpty else { return }
        add(name) { SafeText.text(text) }
    }

    /// Adds a text of the gateway with amounts; omitted if it is nil or empty.
    mutating func add(_ name: String, own text: String?) {
        guard let text, !text.isEmpty else { return }
        add(name) { SafeText.own(text) }
    }

    var html: HTML { element(.dl, .style(.facts)) { pairs } }
}

/// A table that becomes a list of cards on narrow screens. The first cell of a row names the row.
struct Table {
    let caption: String
    let columns: [String]
    var rows: [[HTML]]
    private let styles: [Style]

    /// - Parameters:
    ///   - style: a style that the table has besides that of every table.
    ///   - cells: returns a row's cells, one for each column.
    init<Rows: Sequence>(
        _ caption: String, _ columns: [String], _ rows: Rows, style: Style? = nil,
        cells: (Rows.Element) -> [HTML]
    ) {
        styles = [.stack] + (style.map { [$0] } ?? [])
        self.caption = caption
        self.columns = columns
        self.rows = rows.map(cells)
    }

    /// The table, or the sentence in its place if it has no row.
    func html(or sentence: String) -> HTML {
        rows.isEmpty ? element(.p, .style(.empty)) { sentence } : html
    }

    var html: HTML {
        element(.div, .style(.wide)) {
            element(.table, .style(styles), .word(.role, "table")) {
                element(.caption) { caption }
                element(.thead, .word(.role, "rowgroup")) {
                    element(.tr, .word(.role, "row")) {
                        for column in columns {
                            element(.th, .word(.scope, "col"), .word(.role, "columnheader")) {
                                column
                            }
                        }
                    }
                }
                element(.tbody, .word(.role, "rowgroup")) {
                    for row in rows { self.row(row) }
                }
            }
        }
    }

    // Roles are stated explicitly, because a screen reader does not recognise a row that is laid out as a block.
    private func row(_ cells: [HTML]) -> HTML {
        element(.tr, .word(.role, "row")) {
            for (place, cell) in cells.enumerated() {
                if place == 0 {
                    element(.th, .word(.scope, "row"), .word(.role, "rowheader")) { cell }
                } else {
                    element(.td, .word(.role, "cell"), .text(.column, columns[place])) { cell }
                }
            }
        }
    }
}

/// A form that changes something. It contains the session's form token and is sent only to this origin; the script adds
/// a proof, without which it is refused.
struct Form {
    let action: Link
    /// The session's form token; see `PersonSession`.
    let formToken: String
    let content: [HTML]

    init(action: Link, formToken: String, @HTMLBuilder content: () -> [HTML]) {
        self.action = action
        self.formToken = formToken
        self.content = content()
    }

    var html: HTML {
        element(.form, .word(.method, "post"), .link(.action, action), .flag(.isProven)) {
            Self.hidden("form_token", formToken)
            content
        }
    }

    static func hidden(_ name: StaticString, _ value: String) -> HTML {
        empty(.input, .word(.type, "hidden"), .word(.name, name), .text(.value, value))
    }

    /// A single-line text field with its previous value.
    static func line(_ name: StaticString, _ id: Anchor, _ value: String?) -> HTML {
        empty(
            .input, .word(.type, "text"), .word(.name, name), .id(id), .text(.value, value ?? ""),
            .word(.autocomplete, "off"), .word(.autocapitalize, "none"),
            .word(.spellcheck, "false"), .number(.maxlength, 256))
    }

    /// A label and its control.
    static func field(_ label: String, _ id: Anchor, _ control: HTML) -> HTML {
        element(.div, .style(.field)) {
            element(.label, .anchor(.for, id)) { label }
            control
        }
    }

    /// A choice of one of several values.
    static func select(
        _ label: String, _ name: StaticString, _ id: Anchor,
        _ choices: [(value: String, words: String)], chosen: String?
    ) -> HTML {
        field(
            label, id,
            element(.select, .word(.name, name), .id(id)) {
                for choice in choices {
                    let isChosen: [Attribute] = choice.value == chosen ? [.flag(.selected)] : []
                    HTML.element(
                        .option, [.text(.value, choice.value)] + isChosen,
                        [.text(SafeLine.text(choice.words))])
                }
            })
    }
}

enum Shape {
    /// An id in a list: its end, since ids begin with the time.
    static func short(_ id: String) -> String { "..\(id.suffix(6))" }

    /// A run in a list; its whole id is on its page and in the title.
    static func run(_ run: RunID) -> HTML {
        element(
            .a, .style(.nowrap, .number), .link(.href, Link("runs", run.text)),
            .text(.title, run.text)
        ) { short(run.text) }
    }

    /// A time in a list, to the minute, in the reader's zone: "26 Nov 15:46"; in UTC in the title.
    static func moment(_ time: Timestamp) -> HTML { .time(time, .moment) }

    /// A time in the reader's zone, with an element that states it in machine-readable form.
    static func time(_ time: Timestamp) -> HTML { .time(time, .whole) }

    /// Formats the time left from `now`: "in 12 min", or "over" once it has passed.
    static func left(until end: Timestamp, from now: Timestamp) -> String {
        let seconds = (end - now).microseconds / 1_000_000
        switch seconds {
        case ..<1: return "over"
        case ..<90: return "in \(seconds) s"
        case ..<5400: return "in \((seconds + 30) / 60) min"
        case ..<172_800: return "in \((seconds + 1800) / 3600) h"
        default: return "in \((seconds + 43_200) / 86_400) d"
        }
    }

    /// Formats a length of time in two units.
    static func duration(_ length: Duration) -> String { length.inTwoUnits }

    /// Formats the time that has passed: "3 s ago", "12 min ago", "5 h ago", "4 d ago".
    static func ago(_ length: Duration) -> String {
        let seconds = max(0, length.microseconds / 1_000_000)
        switch seconds {
        case ..<90: return "\(seconds) s ago"
        case ..<5400: return "\(seconds / 60) min ago"
        case ..<172_800: return "\(seconds / 3600) h ago"
        default: return "\(seconds / 86_400) d ago"
        }
    }

    /// Formats a count: "1 request", "2 requests".
    ///
    /// - Parameter plural: nil if it is the word with an s.
    static func count(_ number: Int, _ word: String, _ plural: String? = nil) -> String {
        "\(number) " + (number == 1 ? word : plural ?? word + "s")
    }

    /// Formats a number with separators: "12,345".
    static func grouped(_ number: some BinaryInteger) -> String {
        var text = ""
        let digits = String(number.magnitude)
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return number < 0 ? "-" + text : text
    }

    static func tier(_ tier: Tier) -> HTML {
        switch tier {
        case .low: badge("low", .low)
        case .medium: badge("medium", .medium)
        case .high: badge("high", .high)
        }
    }
}
