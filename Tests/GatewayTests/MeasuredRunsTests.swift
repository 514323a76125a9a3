import InterlockCredentials
import InterlockEvals
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockChangeGate
@testable import InterlockGatewayBench
@testable import InterlockGovernor

private func measuredRun(_ number: Int) -> RunID {
    RunID(milliseconds: Int64(number), random: [UInt8](repeating: 0, count: 10))
}

/// Counts the hashes that are made of one part.
private final class CountingHashing: Hashing {
    private let made = Mutex(0)
    var count: Int { made.withLock { $0 } }

    func sha256(_ bytes: Span<UInt8>) -> Digest {
        made.withLock { $0 += 1 }
        return OpenSSLHashing().sha256(bytes)
    }
}

/// A gate in memory under the policy of a bench, with a result of each agent that passes.
private struct MeasuredWorld {
    var state: GateState
    let policy: PolicySnapshot
    let trust: AuthorizedKeys
    let proven: [AgentName: ProvenParts]
    let hashing = CountingHashing()
    let now: Timestamp

    init(mostRuns: Int = GateState.mostRuns) async throws {
        let gated = try await GateBench()
        let now = gated.bench.clock.now
        var inputs = GateInputs()
        var proven: [AgentName: ProvenParts] = [:]
        for agent in [GateBench.reader, GateBench.clerk] {
            try await gated.pass(agent)
            for known in gated.registry.results(of: agent) { inputs.add(known) }
            let parts = try gated.parts(of: agent)
            proven[agent] = ProvenParts(
                agent: agent, prompt: parts.prompt, skills: parts.skills)
        }
        policy = gated.bench.policy
        trust = try People.all.trust(added: now.wall)
        let computed = ComputedParts.all(
            of: inputs.results.keys, under: policy, hashing: hashing)
        let long = now.wall - .seconds(30 * 86_400)
        state = GateState(
            GateView(policy, computed, [:]), inputs,
            GatePeriod(since: long, seen: now.wall, at: now), mostRuns: mostRuns)
        self.proven = proven
        self.now = now.wall
        state.refresh(.everything, trust, at: now.wall, hashing: hashing)
    }

    mutating func measure(_ number: Int, of agent: AgentName) throws {
        let one = try #require(proven[agent])
        state.measure(measuredRun(number), one, hashing: hashing)
    }

    func verdict(_ number: Int, of agent: AgentName) -> EvalFact {
        state.verdict(
            on: GatedRun(
                agent: agent, run: measuredRun(number), tier: .medium,
                policy: policy.digest, began: now), at: now)
    }
}

/// The runs that a supervisor measured, of which a gateway knows many: what they cost, and which are forgotten.
@Suite(.requirement("R116")) struct MeasuredRunsTests {
    private let reader = GateBench.reader
    private let clerk = GateBench.clerk

    @Test func `a fingerprint is computed once, and not again each minute`() async throws {
        var world = try await MeasuredWorld()
        let before = world.hashing.count
        for number in 1...50 { try world.measure(number, of: clerk) }
        #expect(world.hashing.count == before + 1)
        world.state.refresh(.keys, world.trust, at: world.now, hashing: world.hashing)
        #expect(world.hashing.count == before + 1)
        world.state.refresh(.everything, world.trust, at: world.now, hashing: world.hashing)
        // One for each agent without a proof, and one for all runs.
        #expect(world.hashing.count == before + 4)
        let verdict = world.verdict(50, of: clerk)
        #expect(verdict == .passed)
    }

    @Test func `keys that cease to count are noticed without new fingerprints`() async throws {
        var world = try await MeasuredWorld()
        try world.measure(1, of: clerk)
        let first = world.verdict(1, of: clerk)
        world.state.refresh(.keys, nil, at: world.now, hashing: world.hashing)
        let second = world.verdict(1, of: clerk)
        world.state.refresh(.keys, world.trust, at: world.now, hashing: world.hashing)
        let third = world.verdict(1, of: clerk)
        #expect([first, second, third] == [.passed, .unsigned, .passed])
    }

    @Test func `an agent with many runs shuts out its own old ones alone`() async throws {
        var world = try await MeasuredWorld(mostRuns: 20)
        try world.measure(0, of: clerk)
        for number in 1...500 { try world.measure(number, of: reader) }
        let other = world.verdict(0, of: clerk)
        let newest = world.verdict(500, of: reader)
        let oldest = world.verdict(1, of: reader)
        #expect([other, newest, oldest] == [.passed, .passed, .unproven])
        #expect(world.state.inputs.runs.count <= 20)
        // A forgotten run stays so after a new count.
        world.state.refresh(.everything, world.trust, at: world.now, hashing: world.hashing)
        let again = world.verdict(1, of: reader)
        #expect(again == .unproven)
    }

    @Test func `an agent of which hosts name much loses its own old names alone`() async throws {
        var world = try await MeasuredWorld(mostRuns: 20)
        let hashing = OpenSSLHashing()
        try world.measure(0, of: clerk)
        world.state.show(.model(nil), of: measuredRun(0), clerk, hashing: hashing)
        for number in 1...500 {
            world.state.show(.model(nil), of: measuredRun(number), reader, hashing: hashing)
        }
        #expect(world.state.inputs.shown.count <= 20)
        world.state.refresh(.everything, world.trust, at: world.now, hashing: hashing)
        let verdict = world.verdict(0, of: clerk)
        #expect(verdict == .missing)
    }

    @Test func `many agents with one run each lose the oldest runs`() throws {
        var inputs = GateInputs()
        let none = OpenSSLHashing().sha256([0])
        for number in 0..<100 {
            let agent = try #require(AgentName("agent-\(number)"))
            inputs.runs[measuredRun(number)] = ProvenParts(agent: agent, prompt: none, skills: none)
        }
        let forgotten = inputs.forgetRuns()
        #expect(forgotten.count == 10 && inputs.runs.count == 90)
        #expect(forgotten.allSatisfy { inputs.runs[$0] == nil })
    }
}
