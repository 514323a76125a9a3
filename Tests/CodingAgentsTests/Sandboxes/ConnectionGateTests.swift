import InterlockCredentials
import InterlockEgress
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes

/// The connections of sandboxed runs at the change gate (docs/specs/evals.md, section 6): a run whose calls the gate
/// refuses connects nowhere.
@Suite(.requirement("R116")) struct ConnectionGateTests {
    /// A gate whose verdict changes, and that keeps the last run of which it was asked.
    private final class ChangingGate: ChangeGate {
        private let state = Mutex<(fact: EvalFact, asked: GatedRun?)>((.passed, nil))
        var asked: GatedRun? { state.withLock { $0.asked } }

        func set(_ fact: EvalFact) { state.withLock { $0.fact = fact } }
        func verdict(on run: GatedRun, at now: Timestamp) -> EvalFact {
            state.withLock { state in
                state.asked = run
                return state.fact
            }
        }
        func expect(_ policy: PolicySnapshot, after old: PolicySnapshot) async {}
        func take(_ parts: MeasuredParts, of run: RunID, _ agent: AgentName) {}
        func show(_ part: NamedPart, of run: RunID, _ agent: AgentName) {}
        func forget(_ run: RunID) {}
        func notice(of run: GatedRun, _ fact: EvalFact, at now: Timestamp) -> EvalNotice? {
            EvalNotice(current: nil, last: nil, parts: [])
        }
    }

    private static let egress = (
        "tier: medium",
        """
        tier: medium
            sandbox: {egress: ["api.example.com:443", {host: 93.184.215.14, protocol: tcp, ports: [22]}]}
        """
    )

    private let gate = ChangingGate()

    private func begin(_ bench: Bench) async throws -> RunID {
        try await bench.sandboxes.begin(try bench.networkedRun()).run
    }

    private func message(
        _ bench: Bench, _ host: String, port: UInt16 = 443, _ content: EgressMessage.Content
    ) throws -> EgressMessage {
        let target = try #require(EgressTarget(try EgressHost(host), port: port))
        return EgressMessage(
            call: bench.gateway.newID(), asked: EgressDestination(target, .tunnel), content)
    }

    private var connect: EgressMessage.Content {
        .connect(
            [IPAddress(bytes: [93, 184, 215, 14])].compactMap(\.self), hasEncryptedHello: false)
    }

    @Test(arguments: EvalFact.allCases)
    func `a run that the gate refuses connects nowhere, and may again once it passes`(
        _ fact: EvalFact
    ) async throws {
        let bench = try Bench(policy: [Self.egress], evals: gate)
        let run = try await begin(bench)
        gate.set(fact)
        let expected: EgressResponse = fact == .passed ? .done : .refused(.evals)
        let named = try message(bench, "api.example.com", connect)
        #expect(try await bench.sandboxes.connection(named, of: run) == expected)
        let look = try await bench.sandboxes.connection(
            try message(bench, "api.example.com", .decide), of: run)
        #expect((look == .refused(.evals)) == (fact != .passed))
        let opened = try await bench.sandboxes.connection(
            try message(bench, "93.184.215.14", port: 22, .open), of: run)
        #expect((opened == .refused(.evals)) == (fact != .passed))
        let codes = bench.ledger.drafts(of: .netConnect).compactMap { $0.fields["code"]?.string }
        #expect(codes == (fact == .passed ? [] : ["net.evals", "net.evals", "net.evals"]))
        let refused = bench.ledger.drafts(of: .evalRefused).compactMap { $0.fields["code"]?.string }
        #expect(refused.first == fact.reason && refused.isEmpty == (fact == .passed))
        gate.set(.passed)
        let again = try message(bench, "api.example.com", connect)
        #expect(try await bench.sandboxes.connection(again, of: run) == .done)
    }

    /// The hour after a result became too old counts from the time of the run, as for its calls.
    @Test func `the gate is asked about the run with the time of its start`() async throws {
        let bench = try Bench(policy: [Self.egress], evals: gate)
        let run = try await begin(bench)
        bench.clock.advance(.seconds(3600))
        _ = try await bench.sandboxes.connection(
            try message(bench, "api.example.com", .decide), of: run)
        let asked = try #require(gate.asked)
        #expect(asked.run == run && asked.tier == .medium)
        #expect(asked.policy == bench.policy.digest)
        let began = try #require(asked.began)
        #expect(bench.clock.now.wall - began >= .seconds(3599))
    }

    @Test func `a refusal during the flush of the record is seen before anything is sent`()
        async throws
    {
        let bench = try Bench(policy: [Self.egress], evals: gate)
        let run = try await begin(bench)
        let flush = Gate()
        bench.ledger.hold(.netConnect, at: flush)
        let sandboxes = bench.sandboxes
        let waiting = try message(bench, "api.example.com", connect)
        let answer = Task { try await sandboxes.connection(waiting, of: run) }
        while flush.arrived == 0 { await Task.yield() }
        gate.set(.failed)
        flush.open()
        #expect(try await answer.value == .refused(.evals))
        #expect(bench.ledger.drafts(of: .netClose).last?.fields["end"] == "stopped")
    }

    @Test func `what the policy does not admit has its own reason`() async throws {
        let bench = try Bench(policy: [Self.egress], evals: gate)
        let run = try await begin(bench)
        gate.set(.missing)
        let answer = try await bench.sandboxes.connection(
            try message(bench, "evil.example", connect), of: run)
        #expect(answer == .refused(.noRule))
    }

    /// None of its calls is permitted, so that evals of it would gate nothing but what its sandbox admits.
    @Test func `at stage observe the gate is not asked, and the sandbox's rules decide`()
        async throws
    {
        let observing = (
            "tier: medium\n    stage: trusted",
            """
            tier: medium
                stage: observe
                sandbox: {egress: ["api.example.com:443"]}
            """
        )
        let bench = try Bench(policy: [observing], evals: gate)
        gate.set(.failed)
        let run = try await begin(bench)
        let named = try message(bench, "api.example.com", connect)
        #expect(try await bench.sandboxes.connection(named, of: run) == .done)
        let other = try message(bench, "evil.example", connect)
        #expect(try await bench.sandboxes.connection(other, of: run) == .refused(.noRule))
        #expect(gate.asked == nil && bench.ledger.drafts(of: .evalRefused).isEmpty)
    }

    /// No kind of run is exempt from the gate of a gateway that serves production.
    @Test(arguments: [SandboxRequest.Kind.task, .exploratory, .eval])
    func `a run of each kind is at the gate`(_ kind: SandboxRequest.Kind) async throws {
        let bench = try Bench(evals: gate)
        let request = try bench.networkedRun(kind: kind)
        gate.set(.missing)
        do throws(SandboxRefusal) {
            _ = try await bench.sandboxes.begin(request)
            Issue.record("a run of kind \(kind) began")
        } catch { #expect(error == .evals(request.agent, .missing)) }
        #expect(bench.ledger.drafts(of: .runStart).isEmpty)
    }
}
