import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The changes that a waiting revision would have made: calculated once, recorded for each reader, and only what they may read.
@Suite struct SimulationServiceTests {
    private let shelf: Shelf
    private let log: FakeSimulationLog
    private let service: SimulationService

    init() async throws {
        shelf = try await Shelf()
        let clerk = try #require(AgentName("clerk"))
        log = FakeSimulationLog(erased: [clerk, nil])
        service = SimulationService(
            gateway: shelf.bench.gateway, policies: shelf.service, log: log,
            looks: LogAccessLimiter(clock: shelf.bench.clock))
        shelf.source.put(try Shelf.found(`Reloading the policy`.narrower, signedBy: nil))
        await shelf.service.reload(.folder)
    }

    private func reader(
        _ name: String = "eve", _ roles: Set<Role> = [.security], own: [String] = []
    ) -> EvidenceReader {
        let member = People.all[name]
        return EvidenceReader(
            visibility: Visibility(
                person: member.person, roles: roles,
                own: Set(own.compactMap { AgentName($0) })),
            pseudonym: member.pseudonym)
    }

    private var recorded: Int {
        shelf.bench.ledger.drafts(of: .exportMade).count { $0.fields["kind"]?.string == "replay" }
    }

    /// The result, once it is there.
    private func result(_ reader: EvidenceReader) async throws -> SimulationView {
        for _ in 0..<500 {
            switch try await service.simulation(again: nil, for: reader) {
            case .done(let view): return view
            case .failed(let refusal, _): throw refusal
            case .calculating: try await Task.sleep(for: .milliseconds(5))
            }
        }
        throw EvidenceRefusal.busy
    }

    @Test func `it is calculated once, and recorded once for each reader`() async throws {
        let whole = try await result(reader())
        #expect(whole.isWhole && whole.unknown == [.erased: 2])
        _ = try await result(reader())
        #expect(recorded == 1 && log.calls == 1)
        _ = try await result(reader("kim"))
        #expect(recorded == 2 && log.calls == 1)
    }

    @Test func `a reader sees the part about agents whose records they may read`() async throws {
        let part = try await result(reader("ines", [.kill], own: ["clerk"]))
        #expect(!part.isWhole && part.unknown == [.erased: 1])
        for (name, roles, own): (String, Set<Role>, [String]) in [
            ("kim", [.kill], []), ("ines", [], []), ("li", [], ["clerk"]),
        ] {
            await #expect(throws: EvidenceRefusal.noSuchRecord) {
                try await service.simulation(again: nil, for: reader(name, roles, own: own))
            }
        }
    }

    @Test func `one that failed is started again by its number alone`() async throws {
        log.fail(.unreadable("disk"))
        await #expect(throws: EvidenceRefusal.unreadable("disk")) { try await result(reader()) }
        log.fail(nil)
        guard case .failed(_, let number) = try await service.simulation(again: 99, for: reader())
        else {
            Issue.record("it stays failed")
            return
        }
        #expect(log.calls == 1 && recorded == 0)
        _ = try await service.simulation(again: number, for: reader())
        _ = try await result(reader())
        #expect(log.calls == 2)
    }

    @Test func `another revision cancels it`() async throws {
        let gate = Gate()
        log.hold(at: gate)
        async let first = service.simulation(again: nil, for: reader())
        #expect(await until { gate.arrived == 1 })
        #expect(log.isWanted)
        guard case .calculating = try await first else {
            Issue.record("it is held")
            return
        }
        log.hold(at: nil)
        shelf.source.put(
            try Shelf.found([("tools: [desk.nuke]}", "tools: [desk.mail]}")], signedBy: nil))
        await shelf.service.reload(.folder)
        _ = try await service.simulation(again: nil, for: reader("kim"))
        #expect(!log.isWanted)
        gate.open()
    }

    @Test func `without a revision there is none`() async throws {
        let other = try await Shelf()
        let service = SimulationService(
            gateway: other.bench.gateway, policies: other.service, log: log,
            looks: LogAccessLimiter(clock: other.bench.clock))
        await #expect(throws: EvidenceRefusal.noSuchRecord) {
            try await service.simulation(again: nil, for: reader())
        }
    }
}

/// Finds that the inputs of some calls were erased.
final class FakeSimulationLog: SimulationLog {
    private struct State {
        var calls = 0
        var refusal: EvidenceRefusal?
        var gate: Gate?
        /// The question of the first calculation whether it is still wanted.
        var isWanted: (@Sendable () -> Bool)?
    }

    private let state = Mutex(State())
    private let erased: [AgentName?]

    init(erased: [AgentName?]) { self.erased = erased }

    var calls: Int { state.withLock { $0.calls } }
    var isWanted: Bool { state.withLock { $0.isWanted }?() ?? false }
    func fail(_ refusal: EvidenceRefusal?) { state.withLock { $0.refusal = refusal } }
    func hold(at gate: Gate?) { state.withLock { $0.gate = gate } }

    func simulate(
        _ policy: PolicySnapshot, from since: Timestamp, to until: Timestamp,
        while isWanted: @escaping @Sendable () -> Bool
    ) async throws(EvidenceRefusal) -> SimulatedPeriod {
        let (refusal, gate) = state.withLock { state in
            state.calls += 1
            state.isWanted = state.isWanted ?? isWanted
            return (state.refusal, state.gate)
        }
        await gate?.pass()
        if let refusal { throw refusal }
        var simulation = PolicySimulation(policy, keepsArguments: false)
        for agent in erased { simulation.add(.erased, of: agent) }
        return SimulatedPeriod(
            simulation: simulation, since: since, until: until, isCut: false)
    }
}
