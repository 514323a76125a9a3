import InterlockAdministration
package import InterlockEvidence
package import InterlockJSON
package import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// The parameters of a list of runs, shared by pages and API.
package struct RunsForm {
    package let query: RunQuery
    package let before: String?

    static let members: [JSONSchemaType.Member] = [
        .maybe("show", .choice(["open", "all"]), "`open` unless said."),
        .maybe("agent", .text(.plain(0...256)), "Of this agent."),
        .maybe(
            "owner", .text(.plain(0...256)),
            "Of agents that this person owns in today's policy; an e-mail address."),
        .maybe(
            "sort", .choice(RunQuery.Sorting.texts),
            "The column of the order of open runs, with `-` before it if descending."),
        .maybe("before", .text(.plain(0...64)), "`next` of the page before."),
    ]

    /// - Throws: a sentence for the author of the query.
    package init(_ given: [ExactText: String]) throws(QueryFault) {
        if let other = given.keys.sorted().first(where: { name in
            !Self.members.contains { sameBytes($0.name, name.text) }
        }) {
            throw QueryFault("there is no field `\(other)`")
        }
        let fields = given.filter { !$0.value.isEmpty }
        var query = RunQuery()
        switch fields["show"] ?? "open" {
        case "open": query.isOpen = true
        case "all": query.isOpen = false
        default: throw QueryFault("`show` takes open or all")
        }
        query.agent = fields["agent"]
        if let owner = fields["owner"] {
            guard let person = Person(owner) else {
                throw QueryFault("`owner` takes an e-mail address")
            }
            query.owner = person
        }
        if let sort = fields["sort"] {
            guard query.isOpen, let order = RunQuery.Sorting(sort) else {
                throw QueryFault("`sort` takes an order of open runs")
            }
            query.order = order
        }
        before = fields["before"]
        let isByRun = query.isOpen && query.order == nil
        if let before, isByRun ? RunID(before) == nil : UInt64(before) == nil {
            throw QueryFault("`before` takes `next` of the page before")
        }
        self.query = query
    }

    /// - Parameter order: of open runs; nil for the newest first.
    package func link(
        isOpen: Bool, order: RunQuery.Sorting? = nil, before: String? = nil
    ) -> Link {
        Link(
            "runs",
            query: [
                ("show", isOpen ? "open" : "all"), ("agent", query.agent),
                ("owner", query.owner?.address), ("sort", order?.text), ("before", before),
            ])
    }
}
