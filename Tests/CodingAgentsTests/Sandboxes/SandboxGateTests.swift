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
        func show(_ part: NamedPart, of run: RunID, _ agent: AgentName) {}
        func forget(_ run: RunID) {}
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

    /// - Parameter listed: the skills that the supervisor lists; nil for all that it measured.
    private func request(
        _ bench: Bench, skills: Int = 1, listed: Int? = nil
    ) throws -> SandboxRequest {
        func measured(_ skills: Int) -> JSONObject {
            ["program": [], "prompt": files(1), "skills": files(skills), "settings": []]
        }
        var all = measured(skills)
        all["v"] = 2
        let digest = bench.gateway.pins.hashing.sha256(try JSONValue.object(all).canonical())
        return SandboxRequest(
            agent: clerk, kind: .task, purpose: "Fix a bug", request: nil,
            policy: bench.policy.digest, argv: Digest(words: (1, 2, 3, 4)), isolation: "full",
            backend: "own",
            layers: [
                "user", "mount", "pid", "net", "ipc", "uts", "cgroup", "seccomp", "landlock",
            ], degraded: [], landlock: 7, hidden: [], secrets: [],
            measured: LaunchMeasurement(
                scan: nil, fingerprint: digest, files: .object(measured(listed ?? skills)),
                found: [], waived: []))
    }

    @Test(arguments: EvalFact.allCases) func `a run begins if the gate passes it`(_ fact: EvalFact)
        async throws
    {
        let gate = StubGate(fact)
        let bench = try Bench(evals: gate)
        let made = try request(bench)
        do throws(SandboxRefusal) {
            _ = try await bench.sandboxes.begin(made)
            #expect(fact == .passed)
        } catch { #expect(error == .evals(clerk, fact) && fact != .passed) }
        // The measured files are known before the gate is asked.
        #expect(gate.parts == [MeasuredParts(prompt: files(1), skills: files(1))])
        #expect(bench.ledger.drafts(of: .runStart).count == (fact == .passed ? 1 : 0))
        let refused = bench.ledger.drafts(of: .evalRefused).map { $0.fields["code"]?.string }
        #expect(refused == (fact == .passed ? [] : [fact.reason]))
        #expect(bench.sandboxes.count == (fact == .passed ? 1 : 0))
    }

    /// A supervisor lists at most 200 files of a kind, and fewer if their paths are long.
    @Test(arguments: [(201, 200), (3, 2), (1, 0)])
    func `a list that was cut proves nothing`(_ skills: Int, _ listed: Int) async throws {
        let gate = StubGate(.passed)
        let bench = try Bench(evals: gate)
        let made = try request(bench, skills: skills, listed: listed)
        _ = try await bench.sandboxes.begin(made)
        #expect(gate.parts.isEmpty)
    }

    @Test func `a list of 200 files is a whole one`() async throws {
        let gate = StubGate(.passed)
        let bench = try Bench(evals: gate)
        let made = try request(bench, skills: LaunchMeasurement.mostListed)
        _ = try await bench.sandboxes.begin(made)
        #expect(gate.parts == [MeasuredParts(prompt: files(1), skills: files(200))])
    }
}
