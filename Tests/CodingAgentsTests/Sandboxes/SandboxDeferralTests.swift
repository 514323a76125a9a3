import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes

/// The questions of a supervisor that resumes a session (docs/specs/coding-agents.md, section 8).
@Suite struct SandboxDeferralTests {
    private static let session = "cea6c03d-b833-48e6-b3b9-0969b02e965c"

    private func begin(_ bench: Bench, session: HostSessionID?) async throws -> RunID {
        try await bench.sandboxes.begin(
            SandboxRequest(
                agent: try #require(AgentName("clerk")), kind: .task, purpose: "Fix a bug",
                request: nil, policy: bench.policy.digest, argv: Digest(words: (1, 2, 3, 4)),
                isolation: "full", backend: "own", layers: ["user", "seccomp"], degraded: [],
                landlock: 6, hidden: [], secrets: [], session: session)
        ).run
    }

    @Test func `a run names the session that its supervisor resumes, until it ends`() async throws {
        let bench = try Bench()
        let approval: ApprovalID = bench.gateway.newID()
        let call = DeferredCall(
            approval,
            ToolAddress(
                server: try #require(ServerName("host")), tool: try #require(ToolName("write"))))
        let plain = try await begin(bench, session: nil)
        #expect(!bench.gateway.deferredCalls.add(call, of: plain, session: Self.session))
        let run = try await begin(bench, session: HostSessionID(Self.session))
        #expect(try bench.sandboxes.deferredCall(of: run) == nil)
        #expect(bench.gateway.deferredCalls.add(call, of: run, session: Self.session))
        // No request has this id, so that nothing can be decided.
        let view = try #require(try bench.sandboxes.deferredCall(of: run))
        #expect(view.decision == .ended && view.left == .zero && view.approval == approval)
        #expect(throws: SandboxRefusal.undecided) {
            try bench.sandboxes.resume(run, after: approval)
        }
        try await bench.sandboxes.end(run, SandboxEnd(code: "exited", source: .agent, exit: 0))
        #expect(bench.gateway.deferredCalls.call(of: run) == nil)
        #expect(throws: SandboxRefusal.noSuchRun) { try bench.sandboxes.deferredCall(of: run) }
        #expect(throws: SandboxRefusal.noSuchRun) {
            try bench.sandboxes.resume(run, after: approval)
        }
    }

    @Test func `a session id is a UUID and nothing that a program takes for an option`() throws {
        #expect(HostSessionID(Self.session)?.text == Self.session)
        for text in [
            "", "--dangerously-skip-permissions", Self.session.uppercased(), Self.session + "\n",
            Self.session.replacing("-48e6", with: "-18e6"),
            Self.session.replacing("-b3b9", with: "-c3b9"), String(Self.session.dropLast()),
            "cea6c03db-833-48e6-b3b9-0969b02e965c",
        ] { #expect(HostSessionID(text) == nil, "\(text)") }
        for seed in 0..<256 {
            let made = HostSessionID(
                random: (0..<16).map { UInt8(truncatingIfNeeded: seed &* 37 &+ $0 &* 91) })
            #expect(HostSessionID(made.text) == made)
        }
    }

    @Test func `the forms of the two sides agree`() throws {
        let approval: ApprovalID = try Bench().gateway.newID()
        for decision in DeferredDecision.allCases {
            let view = DeferredCallView(
                approval, tool: "host.write", decision, left: .seconds(90))
            #expect(try DeferredCallView(view.json) == view)
        }
        let named = try #require(HostSessionID(Self.session))
        let request = SandboxRequest(
            agent: try #require(AgentName("clerk")), kind: .task, purpose: nil, request: nil,
            policy: Digest(words: (1, 2, 3, 4)), argv: Digest(words: (1, 2, 3, 4)),
            isolation: "full", backend: "own", layers: [], degraded: [], landlock: 6, hidden: [],
            secrets: [], session: named)
        #expect(try SandboxRequest(request.json).session == named)
    }
}
