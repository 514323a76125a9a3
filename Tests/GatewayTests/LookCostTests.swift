import InterlockMCP
import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The cost of the checks that run once a second.
@Suite struct `Cost of a look` {
    private final class Listener: ChangeListener {
        let principal: Principal
        let credential = StreamCredential(nil, from: .anyone)
        let server: ServerName? = nil
        let lists = Set(ListKind.allCases)
        init(_ principal: Principal) { self.principal = principal }
        func changed(_ kind: ListKind) {}
        func end() {}
    }

    /// The duration is printed but not asserted: `make bench` measures it.
    @Test(.timeLimit(.minutes(5)))
    func `a look over 1,000 agents that listen and follow leaves all of them standing`() throws {
        let count = 1000
        var agents = ""
        for number in 0..<count {
            agents += """

                  a\(number):
                    owner: li@acme.example
                    purpose: Listens
                    tier: low
                    stage: trusted
                    review_by: "2027-02-01"
                    mcp_scopes: {desk: ["resource:note", look, report]}
                """
        }
        let bench = try OfferBench.bench([("agents:\n", "agents:" + agents + "\n")])
        bench.upstreams.set(
            OfferBench.offers(.declared), tools: Bench.tools, generation: 4, of: "desk")
        let gateway = bench.gateway
        for number in 0..<count {
            let principal = try NameAuthenticator().identify(
                bearer: "a\(number)", now: gateway.clock.now.wall)
            let listener = Listener(principal)
            let seen = gateway.views(of: principal, at: nil, listener.lists)
            #expect(gateway.listChanges.add(listener, seen))
            let preferences = ResourceSubscriptionRegistry.Preferences(
                principal: principal, written: "notes://a")
            let note = FollowedResource(server: try #require(ServerName("desk")), uri: "notes://a")
            let stream = Subscription(
                .integer(1), lists: [], principal: principal, server: nil,
                caller: Caller(
                    exchange: FakeExchange(), credential: StreamCredential(nil, from: .anyone)))
            #expect(
                gateway.resources.add(note, preferences, for: .stream(stream)) { _, _, _ in } != nil
            )
        }
        #expect(gateway.resources.count == count)
        let clock = ContinuousClock()
        let lists = clock.measure { gateway.listChanges.look(gateway.view) }
        let subscriptions = clock.measure { gateway.reviewSubscriptions() }
        print("1,000 agents: lists \(lists), subscriptions \(subscriptions), not optimized")
        #expect(gateway.resources.count == count, "all of them still stand")
    }
}
