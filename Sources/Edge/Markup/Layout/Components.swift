package import InterlockModel

package enum NoticeKind { case good, warning, bad }

/// A prominent sentence. Its words themselves express its kind, not only the colour.
package func notice(_ kind: NoticeKind, @HTMLBuilder content: () -> [HTML]) -> HTML {
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
package func badge(_ words: String, _ styles: Style...) -> HTML {
    element(.span, .style([.badge] + styles)) {
        if let icon = Icon(ofBadge: styles) { icon.html }
        words
    }
}

/// The link to the page above this one.
package func crumbs(_ words: String, _ link: Link) -> HTML {
    element(.p, .style(.crumbs)) { hyperlink(link) { words } }
}

/// A section with a heading.
///
/// - Parameter id: the place to which a link leads.
package func card(
    _ heading: String, _ styles: Style..., id: Anchor? = nil, @HTMLBuilder content: () -> [HTML]
) -> HTML {
    .element(
        .section, [.style([.card] + styles)] + (id.map { [.id($0)] } ?? []),
        [element(.h2) { heading }] + content())
}

/// A form that changes something. It contains the session's form token and is sent only to this origin; the script adds
/// a proof, without which it is refused.
package struct Form {
    package let action: Link
    /// The session's form token; see `PersonSession`.
    package let formToken: String
    package let content: [HTML]

    package init(action: Link, formToken: String, @HTMLBuilder content: () -> [HTML]) {
        self.action = action
        self.formToken = formToken
        self.content = content()
    }

    package var html: HTML {
        element(.form, .word(.method, "post"), .link(.action, action), .flag(.isProven)) {
            Self.hidden("form_token", formToken)
            content
        }
    }

    package static func hidden(_ name: StaticString, _ value: String) -> HTML {
        empty(.input, .word(.type, "hidden"), .word(.name, name), .text(.value, value))
    }

    /// A single-line text field with its previous value.
    package static func line(_ name: StaticString, _ id: Anchor, _ value: String?) -> HTML {
        empty(
            .input, .word(.type, "text"), .word(.name, name), .id(id), .text(.value, value ?? ""),
            .word(.autocomplete, "off"), .word(.autocapitalize, "none"),
            .word(.spellcheck, "false"), .number(.maxlength, 256))
    }

    /// A label and its control.
    package static func field(_ label: String, _ id: Anchor, _ control: HTML) -> HTML {
        element(.div, .style(.field)) {
            element(.label, .anchor(.for, id)) { label }
            control
        }
    }

    /// A choice of one of several values.
    package static func select(
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

package enum Shape {
    /// An id in a list: its end, since ids begin with the time.
    package static func short(_ id: String) -> String { "..\(id.suffix(6))" }

    /// An id in a list; the whole is in the title, and the script offers to copy it.
    package static func id(_ id: String) -> HTML { part(short(id), of: id) }

    /// A digest in a list: the first eight of its characters.
    ///
    /// - Parameter whole: the digest with or without the name of its algorithm.
    package static func digest(_ whole: String) -> HTML {
        part(String((whole.split(separator: ":").last ?? "").prefix(8)), of: whole)
    }

    private static func part(_ part: String, of whole: String) -> HTML {
        element(
            .code, .style(.nowrap, .number), .text(.title, whole), .text(.copied, whole)
        ) { SafeLine.text(part) }
    }

    /// An id or digest where a person signs: whole, in groups of eight characters. Its text has no spaces.
    package static func whole(_ id: String) -> HTML {
        let parts = id.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.count == 2 ? [String(parts[0]) + ":"] : []
        var rest = parts.last ?? ""
        var groups: [String] = []
        while !rest.isEmpty {
            groups.append(String(rest.prefix(8)))
            rest = rest.dropFirst(8)
        }
        return element(.code, .style(.whole)) {
            for group in name + groups {
                element(.span) { SafeLine.text(group) }
                empty(.wbr)
            }
        }
    }

    /// An id in a list that leads to the page of its subject.
    package static func id(_ id: String, _ link: Link) -> HTML {
        element(
            .a, .style(.nowrap, .number), .link(.href, link), .text(.title, id), .text(.copied, id)
        ) { short(id) }
    }

    /// A run in a list; its whole id is on its page and in the title.
    package static func run(_ run: RunID) -> HTML { id(run.text, Link("runs", run.text)) }

    /// A time relative to the moment of the page, "8 min ago" or "in 12 min", and from a day on "26 Nov 15:46" in the
    /// reader's zone; in UTC in the title.
    package static func time(_ time: Timestamp) -> HTML { .time(time, .relative) }

    /// A time to the second in the reader's zone, for records and sentences.
    package static func exact(_ time: Timestamp) -> HTML { .time(time, .exact) }

    /// A person as the page's reader needs the name.
    ///
    /// - Parameter missing: the word if the address is not known.
    package static func person(_ person: Person?, or missing: PersonWord = .unknown) -> HTML {
        person.map { .person($0, nil) } ?? badge(missing.rawValue)
    }

    /// A service account outside of the list of services, where its word is needed.
    package static func service(_ name: String) -> HTML { PersonStyle.chip(name, [], .service) }

    /// Formats a length of time in two units.
    package static func duration(_ length: Duration) -> String { length.inTwoUnits }

    /// Formats a count: "1 request", "2 requests".
    ///
    /// - Parameter plural: nil if it is the word with an s.
    package static func count(_ number: Int, _ word: String, _ plural: String? = nil) -> String {
        "\(number) " + (number == 1 ? word : plural ?? word + "s")
    }

    /// Formats a number with U+202F between thousands, as amounts in their units have it.
    package static func grouped(_ number: some BinaryInteger) -> String {
        var text = ""
        let digits = String(number.magnitude)
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { text += "\u{202f}" }
            text.append(digit)
        }
        return number < 0 ? "-" + text : text
    }

    package static func tier(_ tier: Tier) -> HTML {
        switch tier {
        case .low: badge("low", .low)
        case .medium: badge("medium", .medium)
        case .high: badge("high", .high)
        }
    }
}
