import InterlockCredentials
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

@testable import InterlockAdministration
@testable import InterlockGovernor

/// Measures the cost of the kill switch per call, and how long a halt takes with a thousand calls in flight.
enum KillBench {
    private static let looks = 200_000
    private static let rounds = 20
    private static let runs = 1000

    static func measured(_ caller: StageCaller) async throws -> JSONObject {
        let gateway = caller.world.pipeline.gateway
        let principal = try gateway.ports.authenticator.identify(
            bearer: "agent", now: gateway.clock.now.wall)
        guard let server = ServerName("desk"), let tool = ToolName("look") else {
            throw Misuse.world
        }
        let address = ToolAddress(server: server, tool: tool)
        let book = try await halts(10_000)
        var found = JSONObject()
        for (name, number) in [("none", 0), ("10", 10), ("10000", 10_000)] {
            gateway.halts.replace(with: book[number] ?? HaltSet())
            found["halt_look_\(name)_ns"] = .integer(Int64(look(gateway, principal, address)))
        }
        gateway.halts.replace(with: HaltSet())
        found["in_flight_ns"] = .integer(Int64(enter(gateway, principal, address)))
        var times: [Double] = []
        for _ in 0..<rounds { times.append(try await killed()) }
        times.sort()
        found["kill_1000_p50_us"] = .integer(Int64(times[rounds / 2] / 1000))
        found["kill_1000_max_us"] = .integer(Int64(times[rounds - 1] / 1000))
        return found
    }

    /// The time of one check for halts, in nanoseconds. A whole call checks three times: its caller, its tool, and
    /// again once it is in the table.
    private static func look(
        _ gateway: Gateway, _ principal: Principal, _ address: ToolAddress
    ) -> Double {
        let start = ContinuousClock.now
        var hits = 0
        for _ in 0..<looks where gateway.halt(of: principal, address) != nil { hits += 1 }
        precondition(hits == 0, "nothing of the bench is halted")
        return (ContinuousClock.now - start).nanoseconds / Double(looks)
    }

    private static func enter(
        _ gateway: Gateway, _ principal: Principal, _ address: ToolAddress
    ) -> Double {
        let call: CallID = gateway.newID()
        let (token, now) = (CancelToken(), gateway.clock.now)
        let start = ContinuousClock.now
        for _ in 0..<looks {
            gateway.inFlight.enter(
                InFlightTable.Entry(
                    call: call, principal: principal, owner: nil, address: address, since: now,
                    cancel: token))
            gateway.inFlight.leave(call)
        }
        return (ContinuousClock.now - start).nanoseconds / Double(looks)
    }

    /// The time from the order until the last of a thousand calls is cut, in nanoseconds.
    private static func killed() async throws -> Double {
        let server = HeldServer()
        let world = try StageWorld(upstreams: server)
        // An agent can have only this many sessions.
        var callers: [StageCaller] = []
        for _ in 0..<SessionTable.maximumPerOwner {
            callers.append(try await StageCaller.open(world))
        }
        let (person, judge) = try people()
        let gateway = world.pipeline.gateway
        let service = HaltService(
            gateway: gateway, approvals: world.approvals,
            book: HaltHistory(epoch: .first(org: "bench", node: "gw1", at: gateway.clock.now.wall)),
            judge: { HaltVerifier(judge) }, store: NoOrders(), hashing: OpenSSLHashing())
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<runs {
                let caller = callers[number % callers.count]
                group.addTask { await caller.hold() }
            }
            let started = ContinuousClock.now
            while gateway.inFlight.count < runs || server.sent < runs {
                guard ContinuousClock.now - started < .seconds(30) else {
                    throw Misuse.refused("\(server.sent) of \(runs) calls were sent")
                }
                await Task.yield()
            }
            let order = try order(person, number: 1, .org, at: gateway.clock.now.wall)
            let start = ContinuousClock.now
            let report = try await service.halt(order, source: "cli")
            let took = ContinuousClock.now - start
            precondition(report.cut == runs && report.left.isEmpty, "all were cut")
            try await group.waitForAll()
            return took.nanoseconds
        }
    }

    /// Sets of 10 and of `most` halts, whose targets are agents that do not exist.
    private static func halts(_ most: Int) async throws -> [Int: HaltSet] {
        let (person, judge) = try people()
        let now = SystemClock().now.wall
        var set = HaltSet()
        var sets: [Int: HaltSet] = [:]
        for number in 1...most {
            guard let agent = AgentName("other-\(number)") else { throw Misuse.world }
            set.apply(
                try judge.halt(try order(person, number: number, .agent(agent), at: now), .now(now))
            )
            if number == 10 || number == most { sets[number] = set }
        }
        return sets
    }

    private static func people() throws -> (Ed25519PrivateKey, SignedOrderVerifier) {
        guard let key = Ed25519PrivateKey(seed: [UInt8](repeating: 3, count: 32)),
            let person = Person("li@bench.example")
        else { throw Misuse.world }
        let trust = try AuthorizedKeys(
            org: "bench",
            people: [
                TrustedPerson(
                    person: person, pseudonym: pseudonym, roles: [.kill],
                    keys: [
                        EnrolledKey(
                            key: key.publicKey, added: SystemClock().now.wall, founding: true)
                    ])
            ], nodes: [])
        return (key, SignedOrderVerifier(trust: trust, verifier: OpenSSLVerifier()))
    }

    private static let pseudonym = Pseudonym(text: "AAAAAAAAAAAAAAAAAAAAAA==")

    private static func order(
        _ key: Ed25519PrivateKey, number: Int, _ target: HaltTarget, at now: Timestamp
    ) throws -> Envelope {
        let order = try HaltOrder(
            id: OrderID(
                milliseconds: Int64(number), random: [UInt8](repeating: 1, count: 10)),
            org: "bench", target: target, reason: "the bench stops this", author: pseudonym, at: now
        )
        return try PersonKey.file(key).envelope(.halt, try order.canonical())
    }
}

/// A store that discards orders.
private struct NoOrders: OrderStore {
    func keep(_ order: Envelope, id: OrderID, epoch: Epoch) throws(StoreFailure) {}
    func ownHalt(_ reason: String, _ target: HaltTarget) throws(StoreFailure) -> Envelope {
        throw StoreFailure(reason: "no node")
    }
    func look(isKnown: (Digest) -> Bool) -> [FoundOrderFile] { [] }
    func setAside(_ file: String) {}
}

/// Behaves as `OneServer`, but holds each call until it is cancelled.
private final class HeldServer: Upstreams {
    private let one = OneServer()
    private let calls = Atomic<Int>(0)
    var sent: Int { calls.load(ordering: .acquiring) }

    func view(of server: ServerName) -> CatalogState { one.view(of: server) }
    func offers(of server: ServerName) -> ServerFeatures { one.offers(of: server) }
    func call(_ call: UpstreamCall) async -> UpstreamResponse {
        calls.wrappingAdd(1, ordering: .acquiringAndReleasing)
        await withCheckedContinuation { continuation in
            call.cancel.onCancel { _ in continuation.resume() }
        }
        return .cancelled(confirmed: false)
    }
    func strayAnswers(of server: ServerName) -> Int { 0 }
    func endChildren(
        where isHalted: @Sendable (ServerName, AgentName?) -> Bool
    ) -> EndingChildren { EndingChildren() }
    func follow(
        _ uris: Set<ExactText>, of server: ServerName, for agent: AgentName,
        _ changed: @escaping @Sendable (String) -> Void
    ) {}
    func strayUpdates(of server: ServerName) -> Int { 0 }
}
