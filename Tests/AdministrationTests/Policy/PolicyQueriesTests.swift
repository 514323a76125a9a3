import InterlockCredentials
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The policy and the pending revision, as people read them.
@Suite struct `Reading the policy` {
    private let asked = Mutexed(0)

    private func service(_ shelf: Shelf, hasRoom: Bool = true) -> PolicyQueryService {
        let asked = asked
        return PolicyQueryService(
            gateway: shelf.bench.gateway, policies: shelf.service, hashing: OpenSSLHashing(),
            aside: { job in
                guard hasRoom else { return false }
                asked.value += 1
                job()
                return true
            })
    }

    private func visibility(
        _ name: String, _ roles: Set<Role> = [], own: [String] = []
    ) -> Visibility {
        Visibility(
            person: People.all[name].person, roles: roles,
            own: Set(own.compactMap { AgentName($0) }))
    }

    private func refusal(
        _ body: () async throws(PolicyReadingRefusal) -> Void
    ) async -> PolicyReadingRefusal? {
        do throws(PolicyReadingRefusal) {
            try await body()
            return nil
        } catch { return error }
    }

    @Test(.requirement("R043"))
    func `what is in force is told with its signers, and rules with their places`()
        async throws
    {
        let shelf = try await Shelf()
        let service = service(shelf)
        let view = service.overview(for: visibility("eve", [.security]))
        #expect(view.digest == shelf.digest && view.last == nil && !view.isProposed)
        guard case .signed(let people) = view.status else {
            Issue.record("it was signed")
            return
        }
        #expect(Set(people) == [People.all["ines"].person, People.all["eve"].person])
        let rules = service.rules(for: visibility("eve", [.security]))
        let controls = rules.filter { $0.kind == "control" }
        #expect(controls.count == Effect.allCases.count)
        #expect(rules.contains { $0.kind == "tool" && $0.place != nil })
    }

    @Test func `an agent is explained to who sees it, and to nobody else`() async throws {
        let shelf = try await Shelf()
        let service = service(shelf)
        let all = service.agents(named: nil, page: 1, for: visibility("eve", [.kill])).agents
        let name = try #require(all.first?.name)
        let page = try await service.agent(name, for: visibility("li", own: [name.text]))
        #expect(page.rules.contains { $0.kind == "grant" && $0.place != nil })
        #expect(!page.reached.isEmpty)
        #expect(all.map(\.name) == all.map(\.name).sorted())
        let own = service.agents(named: nil, page: 9, for: visibility("li", own: [name.text]))
        #expect(own.agents.map(\.name) == [name] && own.count == 1 && own.page == 1)
        let none = service.agents(named: "no such", page: 1, for: visibility("eve", [.kill]))
        #expect(none.agents.isEmpty && none.count == 0)
        #expect(service.agents(named: nil, page: 1, for: visibility("li")).agents.isEmpty)
        #expect(
            await refusal { () async throws(PolicyReadingRefusal) in
                _ = try await service.agent(name, for: visibility("li"))
            } == .missing)
    }

    @Test func `that a tool sends is said, and is none of its effects`() async throws {
        let shelf = try await Shelf(
            found: try Shelf.found(
                [("look: {class: read}", "look: {class: read, sends: true}")],
                signedBy: ["ines", "eve"]))
        let name = try #require(AgentName("clerk"))
        let page = try await service(shelf).agent(name, for: visibility("li", own: ["clerk"]))
        let look = try #require(page.reached.first { $0.tool == "desk.look" })
        #expect(look.sends && look.effects == ["read"])
        #expect(look.effectWords == ["read", "sends data out"])
        let others = page.reached.filter { $0.tool != "desk.look" }
        #expect(!others.isEmpty && !others.contains(where: \.sends))
    }

    @Test func `what names an agent out of sight is not told, in waivers and what is said of them`()
        async throws
    {
        let until = CivilDate(daysSince1970: FakeClock().now.wall.seconds / 86_400 + 30).text
        func waiver(_ agent: String) -> String {
            "{lint: W206, at: agents.\(agent), owner: li@acme.example, until: \"\(until)\", "
                + "reason: known}"
        }
        let shelf = try await Shelf(
            found: try Shelf.found(
                [
                    ("forbid:\n", "waivers: [\(waiver("clerk")), \(waiver("reader"))]\nforbid:\n")
                ], signedBy: ["ines", "eve"]))
        let service = service(shelf)
        func waivers(_ visibility: Visibility) -> [String] {
            service.rules(for: visibility).filter { $0.kind == "waiver" }.map(\.text)
        }
        /// The findings that a waiver matches nothing.
        func findings(_ visibility: Visibility) -> [String] {
            service.overview(for: visibility).findings.map(\.message).filter {
                $0.hasPrefix("waivers:")
            }
        }
        for told in [waivers, findings] {
            #expect(told(visibility("eve", [.security])).count == 2)
            let own = told(visibility("li", own: ["clerk"]))
            #expect(own.count == 1 && own.first?.contains("agents.clerk") == true)
            #expect(told(visibility("li")).isEmpty)
        }
    }

    @Test func `what waits is compared once, for those who may judge it`()
        async throws
    {
        let shelf = try await Shelf()
        let service = service(shelf)
        let security = visibility("eve", [.security])
        #expect(
            await refusal { () async throws(PolicyReadingRefusal) in
                _ = try await service.proposal(for: security)
            } == .missing)
        shelf.source.put(try Shelf.found(`Reloading the policy`.narrower, signedBy: nil))
        #expect(await shelf.service.reload(.folder)?.isLoaded == false)
        let proposal = try await service.proposal(for: security)
        #expect(proposal.waitsForSignOff && proposal.active == shelf.digest)
        #expect(proposal.changes.allSatisfy { $0.direction == .narrows })
        #expect(proposal.signing?.need == 1 && proposal.signing?.author == nil)
        _ = try await service.proposal(for: visibility("ines"))
        #expect(asked.value == 1)
        for stranger in [visibility("li"), visibility("dana")] {
            #expect(
                await refusal { () async throws(PolicyReadingRefusal) in
                    _ = try await service.proposal(for: stranger)
                } == .missing)
        }
        let waiting = try #require(shelf.service.waiting?.candidate)
        #expect(proposal.identity == waiting.identity.whole(OpenSSLHashing()))
    }

    @Test func `who has signed counts as the judge counts, and what is in force waits no more`()
        async throws
    {
        let shelf = try await Shelf()
        let service = service(shelf)
        // The verifier's comparison requires two signatures.
        shelf.source.put(try Shelf.found(`Reloading the policy`.narrower, signedBy: ["eve"]))
        #expect(await shelf.service.reload(.folder)?.isLoaded == false)
        let signing = try #require(
            try await service.proposal(for: visibility("eve", [.security])).signing)
        #expect(signing.author == People.all["dana"].person && signing.isAuthors)
        #expect(signing.signers == [People.all["eve"].person])
        #expect(!signing.awaits(People.all["eve"].person))
        #expect(signing.awaits(People.all["ines"].person))
        shelf.source.put(
            try Shelf.found(`Reloading the policy`.narrower, signedBy: ["eve", "paul"]))
        #expect(await shelf.service.reload(.folder)?.isLoaded == true)
        #expect(shelf.service.waiting == nil)
    }

    @Test func `where there is no room it is asked again`() async throws {
        let shelf = try await Shelf()
        shelf.source.put(try Shelf.found(`Reloading the policy`.narrower, signedBy: nil))
        await shelf.service.reload(.folder)
        let security = visibility("eve", [.security])
        let full = service(shelf, hasRoom: false)
        for _ in 0..<2 {
            #expect(
                await refusal { () async throws(PolicyReadingRefusal) in
                    _ = try await full.proposal(for: security)
                } == .busy)
        }
    }
}
