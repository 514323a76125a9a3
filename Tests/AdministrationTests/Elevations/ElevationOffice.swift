import InterlockAdministration
import InterlockApprovals
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockGatewayBench

/// A gateway with an elevation service. `clerk` may be granted `secret` and `pay`; the four approvers of `finance`, the
/// owner `li`, and `eve` with the role `security` may approve.
struct ElevationOffice {
    let bench: Bench
    let store: MemoryElevationStore
    let service: ElevationService

    init(
        _ changes: [(String, String)] = [], store: MemoryElevationStore = MemoryElevationStore(),
        passkeys: Passkeys? = nil
    ) throws {
        let bench = try Bench(policy: changes, passkeys: passkeys)
        self.bench = bench
        self.store = store
        service = ElevationService(
            gateway: bench.gateway, store: store, people: bench.people, verifier: bench.verifier,
            passkeys: passkeys?.voting, hashing: OpenSSLHashing())
    }

    var now: Timestamp { bench.clock.now.wall.wholeSecond }

    func order(
        _ grants: JSONValue = ["desk": [["tool": "secret"]]], agent: String = "clerk",
        from: Duration = .zero, lasting: Duration = .seconds(3600), by author: String = "kim",
        number: Int64 = 1
    ) throws -> ElevationOrder {
        try ElevationOrder(
            id: ElevationID(milliseconds: number, random: [UInt8](repeating: 0, count: 10)),
            org: "acme", agent: try #require(AgentName(agent)), grants: grants, from: now + from,
            until: now + from + lasting, reason: "an incident to look at", ticket: "INC-1",
            author: People.all[author].pseudonym)
    }

    func sign(
        _ type: PayloadType, _ order: ElevationOrder, by name: String
    ) throws -> Envelope {
        try People.all[name].key.envelope(type, try order.canonical())
    }

    /// The same order, asserted with this person's passkey.
    func assert(
        _ type: PayloadType, _ order: ElevationOrder, by name: String, counter: UInt8 = 8
    ) throws -> Envelope {
        let bare = Envelope(
            payloadType: type, payload: try order.canonical(), signatures: [])
        return Envelope(
            payloadType: type, payload: bare.payload,
            signatures: [
                .passkey(
                    try PasskeyAssertion(
                        credential: Passkeys.id(of: name), authenticatorData: [counter],
                        clientDataJSON: bare.challenge(OpenSSLHashing()).bytes,
                        signature: Array(name.utf8)))
            ])
    }

    @discardableResult
    func request(_ order: ElevationOrder, by name: String = "kim") async throws -> ElevationID {
        try await service.request(try sign(.elevationRequest, order, by: name)).id
    }

    @discardableResult
    func approve(
        _ order: ElevationOrder, by name: String
    ) async throws -> ElevationRequest.Progress {
        try await service.approve(order.id, try sign(.elevationApproval, order, by: name))
    }

    var live: [String] {
        bench.gateway.elevations.live(
            of: AgentName("clerk") ?? anyAgent, at: bench.clock.now.wall
        ).map(\.id)
    }
    private var anyAgent: AgentName { preconditionFailure("`clerk` is a name") }

    func granted(_ order: ElevationOrder) async throws {
        try await request(order)
        try await approve(order, by: "ines")
        try #require(try await approve(order, by: "paul") == .granted)
    }
}
