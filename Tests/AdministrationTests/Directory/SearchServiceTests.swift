import InterlockCredentials
import InterlockModel
import InterlockPolicy
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The search finds what a person sees, and nothing else.
struct SearchServiceTests {
    private func service(_ shelf: Shelf) -> SearchService {
        let policy = PolicyQueryService(
            gateway: shelf.bench.gateway, policies: shelf.service, hashing: OpenSSLHashing(),
            aside: { job in
                job()
                return true
            })
        return SearchService(
            gateway: shelf.bench.gateway, people: shelf.bench.people, policy: policy)
    }

    private func visibility(_ roles: Set<Role> = [], own: [String] = []) -> Visibility {
        Visibility(
            person: People.all["li"].person, roles: roles,
            own: Set(own.compactMap { AgentName($0) }))
    }

    @Test func `each kind is found by a part of its name`() async throws {
        let shelf = try await Shelf()
        let service = service(shelf)
        let security = visibility([.security])
        func names(_ kind: SearchKind, _ text: String) -> [String] {
            service.hits(kind, SearchedText(text), for: security).map(\.name)
        }
        #expect(names(.agents, "RE") == ["reader"])
        #expect(names(.agents, "clerks") == ["clerk"])
        #expect(names(.servers, "esk") == ["desk"])
        #expect(names(.tools, "pay") == ["desk.pay"])
        #expect(names(.rules, "no-nuke") == ["no-nuke"])
        #expect(names(.people, "paul") == ["paul@acme.example"])
        #expect(names(.pages, "policy").isEmpty && names(.requests, "desk").isEmpty)
        // Names that begin with the text come first.
        #expect(names(.tools, "desk.n") == ["desk.note", "desk.nuke"])
        #expect(names(.agents, "r") == ["reader", "clerk"])
        for kind in SearchKind.allCases { #expect(names(kind, "no such thing").isEmpty) }
    }

    @Test func `what is out of sight is not found`() async throws {
        let shelf = try await Shelf()
        let service = service(shelf)
        func names(_ kind: SearchKind, _ text: String, _ visibility: Visibility) -> [String] {
            service.hits(kind, SearchedText(text), for: visibility).map(\.name)
        }
        let owner = visibility(own: ["clerk"])
        #expect(names(.agents, "e", owner) == ["clerk"])
        #expect(names(.agents, "e", visibility()).isEmpty)
        // The owner of an agent that is out of sight, who approves nothing.
        #expect(names(.people, "kim@", owner).isEmpty)
        #expect(names(.people, "kim@", visibility([.security])) == ["kim@acme.example"])
        #expect(names(.people, "li@", visibility()) == ["li@acme.example"])
        let clerk = try #require(AgentName("clerk"))
        let rule = try #require(
            shelf.bench.policy.agents[clerk]?.spec.scopes.first?.grants
                .first)
        #expect(names(.rules, rule.path, owner) == [rule.path])
        #expect(names(.rules, rule.path, visibility(own: ["reader"])).isEmpty)
    }

    @Test func `an owner is said to be one`() async throws {
        let shelf = try await Shelf()
        let hits = service(shelf).hits(
            .people, SearchedText("li@"), for: visibility(own: ["clerk"]))
        #expect(
            hits.first?.isOwner == true && hits.first?.note?.contains("owner of 1 agent") == true)
        #expect(
            service(shelf).hits(.people, SearchedText("li@"), for: visibility()).first?.isOwner
                == false)
    }
}
