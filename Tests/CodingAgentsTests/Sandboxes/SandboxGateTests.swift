import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes

/// The start of a sandboxed run at the change gate (docs/specs/evals.md, section 6).
@Suite(.requirement("R116")) struct SandboxGateTests {
    /// A gate with one verdict, which notes what supervisors measured.
    private final class StubGate: ChangeGate {
        let fact: EvalFact
        private let taken = Mutex<[MeasuredParts]>([])
        var parts: [MeasuredParts] { taken.withLock { $0 } }

        init(_ fact: EvalFact) { self.fact = fact }

        func verdict(on run: GatedRun, at now: Timestamp) -> EvalFact { fact }
        func expect(_ policy: PolicySnapshot, after old: PolicySnapshot) async {}
        func take(_ parts: MeasuredParts, of run: RunID, _ agent: AgentName) {
            taken.withLock { $0.append(parts) }
        }
        func notice(of run: GatedRun, _ fact: EvalFact, at now: Timestamp) -> EvalNotice? {
            EvalNotice(current: nil, last: nil, parts: [])
        }
    }

    private let clerk = AgentName("clerk").unwrapped

    private func files(_ count: Int) -> JSONValue {
        .array(
            (0..<count).map { number in
                [
                    "path": .string("skills/\(number)"),
                    "sha256": .string(String(repeating: "ab", count: 32)),
                ]
            })
    }

    private func lists(_ prompt: Int, _ skills: Int) -> JSONValue {
        ["program": [], "prompt": files(prompt), "skills": files(skills), "settings": []]
    }

    /// - Parameters:
    ///   - prompt: the listed instruction files, of one that was measured.
    ///   - skills: the listed skills, of one that was measured.
    private func request(_ bench: Bench, prompt: Int = 1, skills: Int = 1) throws -> SandboxRequest
    {
        let measured = try LaunchMeasurement.form(of: lists(1, 1)).canonical()
        return SandboxRequest(
            agent: clerk, kind: .task, purpose: "Fix a bug", request: nil,
            policy: bench.policy.digest, argv: Digest(words: (1, 2, 3, 4)), isolation: "full",
            backend: "own",
            layers: [
                "user", "mount", "pid", "net", "ipc", "uts", "cgroup", "seccomp", "landlock",
            ], degraded: [], landlock: 7, hidden: [], secrets: [],
            measured: LaunchMeasurement(
                scan: nil, fingerprint: OpenSSLHashing().sha256(measured),
                files: lists(prompt, skills), found: [], waived: []))
    }

    @Test(arguments: EvalFact.allCases) func `a run begins if the gate passes it`(_ fact: EvalFact)
        async throws
    {
        let gate = StubGate(fact)
        let bench = try Bench(evals: gate)
        let measured = try request(bench)
        do throws(SandboxRefusal) {
            _ = try await bench.sandboxes.begin(measured)
            #expect(fact == .passed)
        } catch { #expect(error == .evals(clerk, fact) && fact != .passed) }
        // The measured files are known before the gate is asked.
        #expect(gate.parts == [MeasuredParts(prompt: files(1), skills: files(1))])
        #expect(bench.ledger.drafts(of: .runStart).count == (fact == .passed ? 1 : 0))
        let refused = bench.ledger.drafts(of: .evalRefused).map { $0.fields["code"]?.string }
        #expect(refused == (fact == .passed ? [] : [fact.reason]))
        #expect(bench.sandboxes.count == (fact == .passed ? 1 : 0))
    }

    @Test(arguments: [(0, 1), (1, 0), (0, 0), (2, 1)])
    func `a list that was cut, at any length, proves nothing`(_ prompt: Int, _ skills: Int)
        async throws
    {
        let gate = StubGate(.passed)
        let bench = try Bench(evals: gate)
        _ = try await bench.sandboxes.begin(
            try request(bench, prompt: prompt, skills: skills))
        #expect(gate.parts.isEmpty)
    }
}
