import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes

/// Statements of a supervisor about the isolation of a run (docs/specs/sandbox.md, sections 7 and 10).
@Suite(.requirement("R079")) struct `Stated isolation` {
    private static let all = [
        "user", "mount", "pid", "net", "ipc", "uts", "cgroup", "seccomp", "landlock",
    ]

    private func request(
        _ bench: Bench, isolation: String = "full", backend: String? = "own",
        layers: [String] = all, landlock: Int = 7
    ) throws -> SandboxRequest {
        SandboxRequest(
            agent: try #require(AgentName("clerk")), kind: .task, purpose: "Fix a bug",
            request: nil, policy: bench.policy.digest, argv: Digest(words: (1, 2, 3, 4)),
            isolation: isolation, backend: backend, layers: layers, degraded: [],
            landlock: landlock, hidden: [], secrets: [])
    }

    @Test func `a run below the policy's minimum does not begin`() async throws {
        let bench = try Bench()
        let clerk = try #require(AgentName("clerk"))
        for isolation in ["reduced", "none"] {
            let request = try request(bench, isolation: isolation, backend: nil, layers: [])
            do throws(SandboxRefusal) {
                _ = try await bench.sandboxes.begin(request)
                Issue.record("it began with \(isolation)")
            } catch { #expect(error == .belowMinimum(clerk)) }
        }
        #expect(bench.ledger.drafts(of: .runStart).allSatisfy { $0.fields["iso"] != "none" })
    }

    @Test func `only every namespace and the filter count as full`() throws {
        let bench = try Bench()
        let bubblewrap = try request(bench, backend: "bwrap")
        #expect(bubblewrap.hasAllNamespaces && bubblewrap.hasLandlock)
        for missing in Self.all.dropLast() {
            let layers = Self.all.filter { $0 != missing }
            #expect(try !request(bench, layers: layers).hasAllNamespaces, "\(missing)")
        }
        #expect(try !request(bench, isolation: "reduced").hasAllNamespaces)
        #expect(try !request(bench, backend: nil).hasAllNamespaces)
        #expect(try !request(bench, landlock: 0).hasLandlock)
        #expect(try !request(bench, layers: Self.all.dropLast()).hasLandlock)
    }

    @Test func `a request without a backend has one form, and no field for it`() throws {
        let bench = try Bench()
        let stated = try request(bench, isolation: "reduced", backend: nil, layers: ["seccomp"])
        let again = try SandboxRequest(stated.json)
        #expect(again.json == stated.json && again.backend == nil)
        #expect(stated.fields["back"] == nil && stated.fields["iso"] == "reduced")
    }
}
