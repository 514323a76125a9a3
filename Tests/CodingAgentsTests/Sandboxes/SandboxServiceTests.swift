import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes

/// Sandboxed runs at the gateway (docs/specs/sandbox.md, sections 3, 12 and 13).
@Suite struct `Sandboxed runs` {
    private func request(
        _ bench: Bench, agent: String = "clerk", purpose: String? = "Fix a bug",
        policy: Digest? = nil
    ) throws -> SandboxRequest {
        SandboxRequest(
            agent: try #require(AgentName(agent)), kind: .task, purpose: purpose, request: nil,
            policy: policy ?? bench.policy.digest, argv: Digest(words: (1, 2, 3, 4)),
            isolation: "full", backend: "own", layers: ["user", "seccomp"], degraded: ["memory"],
            landlock: 6, hidden: [".env*"], secrets: ["NPM_TOKEN"])
    }

    private func refusal(
        _ bench: Bench, _ request: SandboxRequest
    ) async -> SandboxRefusal? {
        do throws(SandboxRefusal) {
            _ = try await bench.sandboxes.begin(request)
            return nil
        } catch { return error }
    }

    @Test(.requirement("R018"))
    func `the start is on record before a run begins, and its leaf attests it`() async throws {
        let bench = try Bench()
        let begun = try await bench.sandboxes.begin(try request(bench))
        let start = try #require(bench.ledger.drafts(of: .runStart).last)
        #expect(start.run?.run == begun.run && start.run?.agent.text == "clerk")
        #expect(start.fields["kind"] == "task" && start.fields["abi"] == 6)
        #expect(start.fields["own"] == .string(People.all["li"].pseudonym.text))
        #expect(start.fields["pol"] == .string(bench.policy.digest.base64))
        #expect(start.payloads.map(\.field) == ["setup"])
        // The limits that are not kept follow it.
        let index = try #require(bench.ledger.drafts.firstIndex { $0.type == .runStart })
        #expect(begun.attestation == MemoryLedger.hash(ofRecord: index))
        #expect(bench.gateway.runs.known(begun.run) != nil)
        let open = try bench.sandboxFolders.opened()
        #expect(open == [begun.run])
    }

    @Test func `the start names the lock of tools that is in force`() async throws {
        let bench = try Bench()
        _ = try await bench.sandboxes.begin(try request(bench))
        #expect(bench.ledger.drafts(of: .runStart).last?.fields["lock"] == nil)
        let lock = try BenchLock.lock()
        let change = (
            "environment: staging", "environment: staging\n    connect: {stdio: [/usr/bin/desk]}"
        )
        bench.gateway.policy.swap(
            to: try BenchPolicy.snapshot([change], lock: lock), isFounding: false)
        _ = try await bench.sandboxes.begin(try request(bench))
        let fields = try #require(bench.ledger.drafts(of: .runStart).last?.fields)
        #expect(fields["lock"] == .string(lock.digest.base64))
        #expect(fields["pol"] == .string(bench.policy.digest.base64))
    }

    @Test func `a run ends once, and its end is its last record`() async throws {
        let bench = try Bench()
        let run = try await bench.sandboxes.begin(try request(bench)).run
        let end = SandboxEnd(code: "exited", source: .agent, exit: 3, processorTime: 1200)
        try await bench.sandboxes.end(run, end)
        let record = try #require(bench.ledger.drafts(of: .runEnd).last)
        #expect(record.fields["code"] == "exited" && record.fields["src"] == "agent")
        #expect(record.fields["exit"] == 3 && record.fields["cpu"] == 1200)
        #expect(bench.sandboxes.count == 0 && bench.gateway.runs.known(run) == nil)
        let open = try bench.sandboxFolders.opened()
        #expect(open.isEmpty)
        await #expect(throws: SandboxRefusal.noSuchRun) { try await bench.sandboxes.end(run, end) }
        await #expect(throws: SandboxRefusal.noSuchRun) { try await bench.sandboxes.follow(run) }
    }

    @Test func `what the policy does not allow is refused, and nothing is recorded`() async throws {
        let bench = try Bench(policy: [("tier: medium", "tier: high")])
        let unknown = try #require(AgentName("stranger"))
        let clerk = try #require(AgentName("clerk"))
        #expect(
            await refusal(bench, try request(bench, agent: "stranger")) == .unknownAgent(unknown))
        #expect(await refusal(bench, try request(bench, purpose: nil)) == .noPurpose(clerk))
        let other = Digest(words: (9, 9, 9, 9))
        #expect(await refusal(bench, try request(bench, policy: other)) == .otherPolicy)
        _ = try await bench.halt(.agent(clerk))
        #expect(await refusal(bench, try request(bench)) == .halted)
        #expect(bench.ledger.drafts(of: .runStart).isEmpty && bench.sandboxes.count == 0)
        let open = try bench.sandboxFolders.opened()
        #expect(open.isEmpty)
    }

    @Test func `a start that cannot be recorded begins nothing`() async throws {
        let bench = try Bench()
        bench.ledger.refuse(.runStart)
        #expect(await refusal(bench, try request(bench)) == .notRecorded("audit.full"))
        bench.ledger.accept()
        bench.sandboxFolders.fill()
        #expect(await refusal(bench, try request(bench)) == .notStored("no room"))
        #expect(bench.sandboxes.count == 0 && bench.ledger.drafts(of: .runStart).isEmpty)
    }

    @Test func `a halt reaches a waiting supervisor and is confirmed by it`() async throws {
        let bench = try Bench()
        let run = try await bench.sandboxes.begin(try request(bench)).run
        let sandboxes = bench.sandboxes
        let supervisor = Task { () -> OrderID? in
            while true {
                guard let halt = try await sandboxes.follow(run) else { continue }
                try sandboxes.confirm(run, left: 0)
                return halt
            }
        }
        let report = try await bench.halt(.run(run))
        #expect(try await supervisor.value == report.order.id)
        let point = try #require(report.points.first { $0.point == "sandbox/\(run.text)" })
        #expect(point.state == .confirmed && point.left == 0 && report.isConfirmed)
        let record = try #require(bench.ledger.drafts(of: .killPoint).last)
        #expect(record.fields["left"] == 0 && record.run?.run == run)
        #expect(record.fields["req"] == .string(report.order.id.text))
    }

    @Test func `a halt without an answer is not confirmed, and is open until the lease ends`()
        async throws
    {
        let bench = try Bench()
        let run = try await bench.sandboxes.begin(try request(bench)).run
        let report = try await bench.halt(.org, patience: .zero)
        let point = try #require(report.points.first { $0.point == "sandbox/\(run.text)" })
        #expect(point.state == .notConfirmed && point.left == 1 && !report.isConfirmed)
        bench.clock.advance(SandboxTable.lease + .seconds(1))
        await bench.sandboxes.sweep()
        await bench.kill.sweep()
        let later = try #require(bench.kill.reports[report.order.id])
        #expect(later.points.first { $0.point == "sandbox/\(run.text)" }?.state == .expired)
        let end = try #require(bench.ledger.drafts(of: .runEnd).last)
        #expect(end.fields["code"] == "unknown" && end.fields["src"] == "interlock")
    }

    @Test func `processes that are left are said`() async throws {
        let bench = try Bench()
        let run = try await bench.sandboxes.begin(try request(bench)).run
        let report = try await bench.halt(.org, patience: .zero)
        try bench.sandboxes.confirm(run, left: 2)
        #expect(bench.ledger.drafts(of: .killPoint).last?.fields["left"] == 2)
        await bench.kill.sweep()
        #expect(bench.kill.reports[report.order.id]?.isConfirmed == false)
        #expect(throws: SandboxRefusal.noSuchRun) {
            try bench.sandboxes.confirm(bench.gateway.newID(), left: 0)
        }
    }

    @Test func `a silent supervisor's run ends as unknown, also after a restart`() async throws {
        let bench = try Bench()
        let run = try await bench.sandboxes.begin(try request(bench)).run
        // Another process of the gateway on the same log and folders.
        let next = SandboxService(gateway: bench.gateway, folders: bench.sandboxFolders)
        try await next.restore()
        #expect(next.count == 1)
        await next.sweep()
        #expect(next.count == 1)
        bench.clock.advance(SandboxTable.lease + .seconds(1))
        await next.sweep()
        #expect(bench.ledger.drafts(of: .runEnd).last?.fields["code"] == "unknown")
        #expect(bench.ledger.hasEnded(run: run) && next.count == 0)
        // A mark of a run that is not open is removed.
        try bench.sandboxFolders.open(run, of: try #require(AgentName("clerk")))
        try await next.restore()
        let open = try bench.sandboxFolders.opened()
        #expect(open.isEmpty && next.count == 0)
    }

    @Test func `an end that cannot be recorded is recorded later`() async throws {
        let bench = try Bench()
        let run = try await bench.sandboxes.begin(try request(bench)).run
        bench.ledger.refuse(.runEnd)
        let end = SandboxEnd(code: "exited", source: .agent, exit: 0)
        await #expect(throws: SandboxRefusal.notRecorded("audit.full")) {
            try await bench.sandboxes.end(run, end)
        }
        #expect(bench.sandboxes.count == 1)
        bench.ledger.accept()
        await bench.sandboxes.sweep()
        #expect(bench.sandboxes.count == 0)
        #expect(bench.ledger.drafts(of: .runEnd).last?.fields["exit"] == 0)
    }

    @Test func `requests and ends have one form`() throws {
        let bench = try Bench()
        let request = try request(bench)
        let again = try SandboxRequest(request.json)
        #expect(again.json == request.json)
        let end = SandboxEnd(code: "wall", source: .interlock, exit: 124)
        #expect(try SandboxEnd(end.json) == end)
        for (name, value) in [
            ("kind", "other"), ("isolation", "most"), ("policy", "x"), ("landlock", -1),
            ("layers", ["a", "a"]), ("extra", 1),
        ] as [(String, JSONValue)] {
            var object = try #require(request.json.object)
            object[name] = value
            #expect(throws: FormError.self) { try SandboxRequest(.object(object)) }
        }
        for (name, value) in [("code", "Not A Word"), ("exit", 256), ("source", "me")]
            as [(String, JSONValue)]
        {
            var object = try #require(end.json.object)
            object[name] = value
            #expect(throws: FormError.self) { try SandboxEnd(.object(object)) }
        }
    }
}
