package import InterlockJSON
package import InterlockModel
import InterlockPolicy

/// The authors of the last revisions that widened what agents may do. An author may not vote on the calls that the
/// revision widened (docs/specs/approvals.md, section 6).
///
/// INVARIANT: the author of a revision that widens an agent's rights approves none of the calls that it widened. Kept by
/// `RevisionProposersTests`, `test_policy_reload.py`.
package struct RevisionProposers: Sendable, Hashable {
    /// The calls of one agent of one tool; nil means every agent, or every tool.
    package struct Scope: Sendable, Hashable {
        package let agent: AgentName?
        package let tool: ToolAddress?

        package init(agent: AgentName? = nil, tool: ToolAddress? = nil) {
            self.agent = agent
            self.tool = tool
        }

        package static let everything = Scope()

        static func < (a: Scope, b: Scope) -> Bool {
            (a.agent?.text ?? "", a.tool?.description ?? "")
                < (b.agent?.text ?? "", b.tool?.description ?? "")
        }

        /// Returns true if every call of `other` is a call of this scope.
        func covers(_ other: Scope) -> Bool {
            (agent == nil || agent == other.agent) && (tool == nil || tool == other.tool)
        }
    }

    private var authors: [Scope: Person] = [:]

    /// Above this number, the scopes of one agent are kept as one.
    private static let most = 10_000

    package init() {}

    package var isEmpty: Bool { authors.isEmpty }

    /// Returns the people who may not vote on the calls of this agent of this tool.
    package func authors(of agent: AgentName, _ tool: ToolAddress) -> Set<Person> {
        if authors.isEmpty { return [] }
        return Set(
            [
                Scope(agent: agent, tool: tool), Scope(agent: agent), Scope(tool: tool),
                .everything,
            ].compactMap { authors[$0] })
    }

    /// Adds a revision. It takes the place of earlier ones that widened no more than it does.
    package mutating func add(_ widened: Set<Scope>, by author: Person) {
        for scope in widened {
            if scope.agent == nil || scope.tool == nil {
                authors = authors.filter { !scope.covers($0.key) }
            }
            authors[scope] = author
        }
        guard authors.count > Self.most else { return }
        let all = authors
        authors = [:]
        // A scope that becomes wider excludes more people, never fewer; of two authors the later one cannot be known.
        for (scope, author) in all where authors[Scope(agent: scope.agent)] == nil {
            authors[Scope(agent: scope.agent)] = author
        }
    }

    // MARK: Stored form

    package var json: JSONValue {
        .array(
            authors.sorted { $0.key < $1.key }.map { scope, author in
                [
                    "agent": scope.agent.map { .string($0.text) } ?? .null,
                    "tool": scope.tool.map { .string($0.description) } ?? .null,
                    "author": .string(author.address),
                ]
            })
    }

    package init(_ values: [JSONValue]) throws(FormError) {
        for value in values {
            let fields = try StrictFields(
                value, at: "proposers", required: ["agent", "tool", "author"])
            let scope = Scope(
                agent: try fields.optional("agent", "an agent or null") { AgentName($0) },
                tool: try fields.optional("tool", "a tool or null") { ToolAddress(dotted: $0) })
            authors[scope] = try fields.made("author", "an e-mail address", Person.init)
        }
    }
}

extension PolicyComparison {
    /// The calls that the newer revision permits and the older one did not, or of which this cannot be said. What is
    /// latent widens no call yet.
    package var widened: Set<RevisionProposers.Scope> {
        var scopes: Set<RevisionProposers.Scope> = []
        for difference in differences where difference.direction >= .widens && !difference.isLatent
        {
            let agent = difference.agent.flatMap { AgentName($0) }
            // A subject that is no tool, such as `limits.calls`, is about all tools.
            scopes.insert(
                RevisionProposers.Scope(
                    agent: agent, tool: ToolAddress(dotted: difference.subject)))
        }
        return scopes
    }
}

/// The result of comparing two revisions: how many people must sign, and which calls the newer one widens.
package struct RevisionDifference: Sendable, Hashable {
    package let comparison: RevisionComparison
    package let widened: Set<RevisionProposers.Scope>

    package init(_ comparison: PolicyComparison) {
        self.comparison = RevisionComparison(comparison)
        widened = comparison.widened
    }

    /// The difference of revisions of which no more is known.
    package init(_ comparison: RevisionComparison) {
        self.comparison = comparison
        widened = comparison.signersNeeded > 1 ? [.everything] : []
    }

    init(_ comparison: RevisionComparison, widened: Set<RevisionProposers.Scope>) {
        self.comparison = comparison
        self.widened = widened
    }
}
