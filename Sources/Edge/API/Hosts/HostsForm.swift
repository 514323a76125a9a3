package import InterlockEvidence
package import InterlockJSON
package import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// The parameters of a list of sessions of coding agents, shared by pages and API.
package struct HostsForm {
    package let query: HostQuery
    package let before: UInt64?

    static let members: [JSONSchemaType.Member] = [
        .maybe("agent", .text(.plain(0...256)), "Of this agent."),
        .maybe("run", .text(.plain(0...64)), "Of this run."),
        .maybe("before", .text(.plain(0...20)), "`next` of the page before."),
    ]

    /// - Throws: a sentence for the author of the query.
    package init(_ given: [ExactText: String]) throws(QueryFault) {
        if let other = given.keys.sorted().first(where: { name in
            !Self.members.contains { sameBytes($0.name, name.text) }
        }) {
            throw QueryFault("there is no field `\(other)`")
        }
        let fields = given.filter { !$0.value.isEmpty }
        let run = fields["run"].map { RunID($0) }
        let before = fields["before"].map { UInt64($0) }
        if case .some(nil) = run { throw QueryFault("`run` takes the id of a run") }
        if case .some(nil) = before {
            throw QueryFault("`before` takes `next` of the page before")
        }
        query = HostQuery(agent: fields["agent"], run: run ?? nil)
        self.before = before ?? nil
    }

    package func link(before: UInt64? = nil) -> Link {
        Link(
            "hosts",
            query: [
                ("agent", query.agent), ("run", query.run?.text),
                ("before", before.map { String($0) }),
            ])
    }
}
