import InterlockAdministration
import InterlockApprovals
import InterlockEvidence
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockSchemas

extension Operation {
    /// The search over everything that has a name; the log is searched by `searchRecords`.
    static let search: [Operation] = [
        Operation(
            name: "search", method: .get, path: "/search",
            summary:
                "Agents, people, servers, tools, rules, runs, open requests and pages that have a text in their "
                + "names, as far as the viewer sees them, and acts that the viewer has forms for: ten of each "
                + "kind, or all of one.",
            query: [
                JSONSchemaType.Member(
                    "q", .text(.plain(SearchRequest.characters)),
                    "Found anywhere in a name; letters of either case are the same."),
                .maybe("in", .choice(of: SearchScope.self), "`policy`: what the policy has."),
                .maybe("kind", .choice(of: SearchKind.self), "All of this kind, by pages."),
                Paging.parameter,
            ],
            answer: SearchView.form.shape,
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                guard let text = call.query["q"]?.string else {
                    throw Problem(.malformed, "parameter `q` is missing")
                }
                // Only people may see approval requests.
                var requests: [ApprovalRequest] = []
                if let person = visibility.person {
                    requests = await api.inbox.requests(for: person)
                }
                let request = SearchRequest(
                    text: SearchedText(text),
                    scope: call.query["in"]?.string.flatMap(SearchScope.init(rawValue:)) ?? .all,
                    kind: call.query["kind"]?.string.flatMap(SearchKind.init(rawValue:)),
                    page: call.page)
                return SearchView.form.json(
                    SearchView(
                        request: request,
                        results: api.search(request, for: visibility, requests: requests)))
            })
    ]
}

/// The results of a search as the API writes them.
private struct SearchView: ResponseRecord {
    let request: SearchRequest
    let results: SearchResults

    static let form = ResponseSchema<SearchView>(
        "SearchResults",
        .init(
            "groups", .list(of: Group.self, 0...SearchKind.allCases.count),
            "The kinds of which something was found."
        ) { view in
            view.results.groups.map { Group(group: $0, request: view.request) }
        })

    struct Group: ResponseRecord {
        let group: SearchResults.Group
        let request: SearchRequest

        static let form = ResponseSchema<Group>(
            "SearchGroup",
            .init("kind", .choice(of: SearchKind.self), "Of these objects.") {
                $0.group.kind.rawValue
            },
            .init("count", .count, "Of the whole kind, as far as the viewer sees it.") {
                $0.group.hits.count
            },
            .init("page", .whole(Paging.numbers), "Which this is, if a kind was chosen.") {
                $0.request.kind == nil ? 1 : $0.group.hits.page
            },
            .init("pages", .whole(Paging.numbers), "How many there are, if a kind was chosen.") {
                $0.request.kind == nil ? 1 : $0.group.hits.pages
            },
            .init(
                "hits", .list(of: Hit.self, 0...Paging.size),
                "Names that begin with the text first."
            ) { view in
                SearchResults.shown(view.group, of: view.request).map {
                    Hit(hit: $0)
                }
            })
    }

    struct Hit: ResponseRecord {
        let hit: SearchRow

        static let form = ResponseSchema<Hit>(
            "SearchHit",
            .init("name", .text(.passage), "By which others name it.") { $0.hit.name },
            .maybe("note", .text(.plain(0...1_000_000)), "What it is.") { $0.hit.note },
            .init("page", .text(.passage), "The path of its page in the console.") {
                $0.hit.link.text
            })
    }
}
