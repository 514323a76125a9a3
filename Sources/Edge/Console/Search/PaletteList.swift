import InterlockAPI
import InterlockAdministration
import InterlockJSON
import InterlockLedger
import InterlockMarkup
import InterlockModel

/// `/search/list?q=TEXT`: the rows of the palette, as a document that the script takes them from. The server writes
/// them, so that names of others are shown as on every other page. A row is a link: the palette does nothing by itself.
struct PaletteList {
    static let most = 4
    /// The number of rows of a kind while nothing is typed.
    static let mostUntyped = 12

    let request: SearchRequest
    let groups: [SearchResults.Group]
    /// The search of the audit log for the same words, or nil if the log is not available or has no such search.
    let audit: Link?

    var document: HTML {
        element(.html, .word(.lang, "en")) {
            element(.head) {
                empty(.meta, .word(.charset, "utf-8"))
                element(.title) { "Results" }
            }
            element(.body) {
                element(
                    .div, .id(Palette.list), .word(.role, "listbox"), .text(.label, "Results")
                ) { rows }
            }
        }
    }

    private var most: Int { request.text.isEmpty ? Self.mostUntyped : Self.most }

    @HTMLBuilder private var rows: [HTML] {
        for (place, group) in groups.enumerated() {
            self.group(group.kind.title) {
                for (number, row) in group.hits.rows.prefix(most).enumerated() {
                    option(row.link, place * Self.mostUntyped + number) {
                        SafeText.text(row.name)
                        if let note = row.note {
                            element(.span, .style(.muted)) {
                                SearchPage.note(note, of: group.kind)
                            }
                        }
                    }
                }
            }
        }
        if !request.text.isEmpty {
            self.group("More") {
                option(Link("search", query: [("q", request.text.text)]), 1000) {
                    "Search everything for "
                    SafeText.text(request.text.text)
                }
                if let audit {
                    option(audit, 1001) {
                        "Search the audit log for "
                        SafeText.text(request.text.text)
                    }
                }
            }
        }
    }

    private func group(_ title: String, @HTMLBuilder content: () -> [HTML]) -> HTML {
        element(.div, .word(.role, "group"), .text(.label, title)) {
            element(.div, .style(.hint), .word(.ariaHidden, "true")) { title }
            content()
        }
    }

    private func option(
        _ link: Link, _ number: Int, @HTMLBuilder content: () -> [HTML]
    ) -> HTML {
        hyperlink(
            link, .word(.role, "option"), .id(Anchor("option", number)), .number(.tabindex, -1),
            content: content)
    }
}

/// The search of the audit log for what was typed into the palette. The log is searched by its own fields: words such
/// as `agent:refunds` name one; of other words the form decides the field.
enum AuditSearchLink {
    /// Returns nil if the words are no search of the log.
    static func link(_ text: String) -> Link? {
        var fields: [ExactText: String] = [:]
        for word in text.split(separator: " ") {
            let (name, value) = field(String(word))
            guard fields.updateValue(value, forKey: ExactText(name)) == nil else { return nil }
        }
        guard !fields.isEmpty, let form = try? QueryForm(fields) else { return nil }
        return form.link("audit")
    }

    private static func field(_ word: String) -> (name: String, value: String) {
        if let colon = word.firstIndex(of: ":"), colon != word.startIndex {
            return (String(word[..<colon]), String(word[word.index(after: colon)...]))
        }
        if RunID(word) != nil { return ("run", word) }
        if Person(word) != nil { return ("subject", word) }
        if RecordType.allCases.contains(where: { $0.rawValue == word }) { return ("type", word) }
        return (word.contains(".") || word.contains("__") ? "tool" : "agent", word)
    }
}
