import InterlockJSON
import InterlockModel
import InterlockPolicyReview
import Testing

/// The authors who may not vote on what their revisions widened.
@Suite struct RevisionProposersTests {
    private let clerk: AgentName
    private let coder: AgentName
    private let send: ToolAddress
    private let read: ToolAddress
    private let ann: Person
    private let bob: Person

    init() throws {
        clerk = try #require(AgentName("clerk"))
        coder = try #require(AgentName("coder"))
        send = try #require(ToolAddress(dotted: "mail.send"))
        read = try #require(ToolAddress(dotted: "mail.read"))
        ann = try #require(Person("ann@acme.example"))
        bob = try #require(Person("bob@acme.example"))
    }

    private func proposers(
        _ revisions: (Set<RevisionProposers.Scope>, Person)...
    ) -> RevisionProposers {
        var proposers = RevisionProposers()
        for (widened, author) in revisions { proposers.add(widened, by: author) }
        return proposers
    }

    @Test func `only the widened agent and tool exclude the author`() {
        let found = proposers(([.init(agent: clerk, tool: send)], ann))
        #expect(found.authors(of: clerk, send) == [ann])
        #expect(found.authors(of: clerk, read) == [])
        #expect(found.authors(of: coder, send) == [])
    }

    @Test func `a scope without agent or tool covers all of them`() {
        #expect(proposers(([.init(agent: clerk)], ann)).authors(of: clerk, read) == [ann])
        #expect(proposers(([.init(tool: send)], ann)).authors(of: coder, send) == [ann])
        #expect(proposers(([.everything], ann)).authors(of: coder, read) == [ann])
    }

    @Test func `the last revision that widened a call counts, and a narrowing changes nothing`() {
        let exact = RevisionProposers.Scope(agent: clerk, tool: send)
        #expect(proposers(([exact], ann), ([exact], bob)).authors(of: clerk, send) == [bob])
        #expect(proposers(([exact], ann), ([], bob)).authors(of: clerk, send) == [ann])
        #expect(proposers(([exact], ann), ([.everything], bob)).authors(of: clerk, send) == [bob])
        // A wider revision before may have widened more than the later one.
        #expect(
            proposers(([.everything], ann), ([exact], bob)).authors(of: clerk, send) == [ann, bob])
    }

    @Test func `what is stored reads back, and nothing else reads`() throws {
        let all = proposers(
            ([.init(agent: clerk, tool: send), .init(tool: read)], ann),
            ([.init(agent: coder)], bob))
        #expect(try RevisionProposers(#require(all.json.array)) == all)
        #expect(throws: (any Error).self) { try RevisionProposers([["agent": "clerk"]]) }
        #expect(throws: (any Error).self) {
            try RevisionProposers([["agent": .null, "tool": "send", "author": "ann@acme.example"]])
        }
    }

    @Test func `of too many scopes an agent's become one`() throws {
        var found = RevisionProposers()
        let many = (0...10_000).compactMap { ToolAddress(dotted: "mail.t\($0)") }
        found.add(Set(many.map { .init(agent: clerk, tool: $0) }), by: ann)
        #expect(found.json.array?.count == 1)
        #expect(found.authors(of: clerk, read) == [ann])
    }
}
