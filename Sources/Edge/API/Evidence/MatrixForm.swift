import InterlockAdministration
import InterlockJSON
package import InterlockMarkup
import InterlockModel
import InterlockSchemas

extension MatrixFilter {
    /// The parameters of the filter, as the API takes them.
    static let members: [JSONSchemaType.Member] = [
        .maybe("agent", .text(.plain(1...256)), "Has this in its name."),
        .maybe("server", .text(.plain(1...256)), "Has this in its name."),
        .maybe(
            "effect", .choice(Effect.allCases.map(\.name)),
            "Counts only tools whose calls can have this effect."),
        .maybe("outcome", .choice(of: Outcome.self), "Agents with a cell of this outcome."),
        .maybe(
            "approver", .text(.plain(1...254)),
            "Agents with calls that a person with this in the address can approve."),
    ]

    /// Returns nil if a chosen value is invalid.
    package init?(_ query: ListQuery) {
        guard let effect = query.choice("effect", Effect.init(name:)),
            let outcome = query.choice("outcome", Outcome.init(rawValue:))
        else { return nil }
        self.init(effect, outcome) { query[$0.text] }
    }

    /// - Parameter query: valid by `members`.
    init(_ query: [ExactText: JSONValue]) {
        self.init(
            query["effect"]?.string.flatMap(Effect.init(name:)),
            query["outcome"]?.string.flatMap(Outcome.init(rawValue:))
        ) { query[$0]?.string }
    }

    private init(_ effect: Effect?, _ outcome: Outcome?, _ value: (ExactText) -> String?) {
        self.init(
            agent: value("agent").map(SearchedText.init),
            server: value("server").map(SearchedText.init), effect: effect, outcome: outcome,
            approver: value("approver").map(SearchedText.init))
    }

    /// The address of a page of the matrix with this filter.
    package func link(page: Int, columns: Int) -> Link {
        Link(
            "policy", "matrix",
            query: [
                ("agent", agent?.text), ("server", server?.text), ("effect", effect?.name),
                ("outcome", outcome?.rawValue), ("approver", approver?.text),
                ("page", page > 1 ? String(page) : nil),
                ("columns", columns > 1 ? String(columns) : nil),
            ])
    }
}
