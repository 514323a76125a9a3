import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// `/search`: the objects whose names a text occurs in, by kind. The field is in the frame of every page.
struct SearchPage {
    let request: SearchRequest
    let results: SearchResults

    var header: PageHeader {
        let count = results.groups.reduce(0) { $0 + $1.hits.count }
        return PageHeader(
            request.scope == .policy ? "Search the policy" : "Search",
            StatusBadge(
                .plain,
                request.text.isEmpty ? "Nothing searched" : "\(Shape.grouped(count)) found",
                from: "The names that you may see. The log is searched on the page Audit."))
    }

    @HTMLBuilder var content: [HTML] {
        if request.text.isEmpty {
            element(.p, .style(.empty)) {
                "Type a part of a name above: of an agent, person, server, tool, rule, run, open request, page or act."
            }
        } else if results.groups.isEmpty {
            EmptyList.html("Nothing that you see has ") {
                SafeText.text(request.text.text)
                " in its name."
            }
        } else {
            for group in results.groups { card(group.kind.title) { list(group) } }
        }
        element(.p, .style(.hint)) {
            "Calls and decisions are found in the "
            hyperlink(Link("audit")) { "audit log" }
            "."
        }
    }

    @HTMLBuilder private func list(_ group: SearchResults.Group) -> [HTML] {
        let shown = SearchResults.shown(group, of: request)
        Table(
            caption(group, shown.count), [.name("Name"), .text("Description")], shown,
            isLinked: true
        ) { hit in
            [
                hyperlink(hit.link) { SafeText.name(hit.name) },
                hit.note.map { .group(Self.note($0, of: group.kind)) } ?? .text("–"),
            ]
        }.html
        if request.kind != nil {
            group.hits.pager { address(group.kind, page: $0) }
        } else if group.hits.count > shown.count {
            element(.p) {
                hyperlink(address(group.kind, page: nil)) {
                    "All \(Shape.grouped(group.hits.count)) \(group.kind.title.lowercased())"
                }
            }
        }
    }

    /// A description: of a rule a sentence of the gateway with its amounts, of everything else a text of others.
    static func note(_ text: String, of kind: SearchKind) -> [HTML] {
        kind == .rules ? SafeText.own(text) : SafeText.text(text)
    }

    private func caption(_ group: SearchResults.Group, _ shown: Int) -> String {
        let count = Shape.grouped(group.hits.count)
        if request.kind != nil { return "\(count) found\(group.hits.place)" }
        return group.hits.count > shown ? "The first \(shown) of \(count)" : "\(count) found"
    }

    private func address(_ kind: SearchKind, page: String?) -> Link {
        Link(
            "search",
            query: [
                ("q", request.text.text),
                ("in", request.scope == .all ? nil : request.scope.rawValue),
                ("kind", kind.rawValue), ("page", page),
            ])
    }
}

/// The field in the frame of every page.
enum SearchField {
    /// - Parameter text: the text that was searched for, or an empty one.
    static func html(_ text: String) -> HTML {
        element(
            .form, .style(.top), .word(.method, "get"), .link(.action, Link("search")),
            .word(.role, "search"), .text(.label, "Search everything")
        ) {
            empty(
                .input, .word(.type, "search"), .word(.name, "q"), .id(Anchor("search")),
                .text(.value, text), .text(.label, "Search by name"),
                .text(.placeholder, "Name of an agent, person, tool, run"),
                .word(.autocomplete, "off"),
                .word(.autocapitalize, "none"), .word(.spellcheck, "false"),
                .number(.maxlength, SearchRequest.characters.upperBound))
            element(.button, .word(.type, "submit")) { "Search" }
            Palette.button
        }
    }
}
