import InterlockEgress
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

/// Runs that outlive a process of the gateway, their limits and what a command line adds (docs/specs/sandbox.md,
/// sections 7, 9 and 12).
@Suite struct SandboxRestartTests {
    private static let digest = Digest(words: (1, 2, 3, 4))

    /// The log's own `run.start` of each run, or a failure.
    private struct Starts: RunStartReader {
        var leaves: [RunID: JSONValue] = [:]
        var fails = false

        func starts(of runs: Set<RunID>) async throws(StoreFailure) -> [RunID: JSONValue] {
            if fails { throw StoreFailure(reason: "not readable") }
            return leaves.filter { runs.contains($0.key) }
        }
    }

    private func request(
        _ bench: Bench, degraded: [String] = [], landlock: Int = 6, allowed: [String] = [],
        read: [String] = [], isolation: SandboxIsolation = .full
    ) throws -> SandboxRequest {
        SandboxRequest(
            agent: try #require(AgentName("clerk")), kind: .task, purpose: "Fix a bug",
            request: nil, policy: bench.policy.digest, argv: Self.digest,
            isolation: isolation.rawValue, backend: "own", layers: ["user"], degraded: degraded,
            landlock: landlock, hidden: [],
            secrets: [], degradation: degraded.isEmpty ? nil : "no-cgroup", allowed: allowed,
            read: read)
    }

    private func isAttested(_ bench: Bench, _ run: RunID, _ token: String) throws -> Bool {
        let principal = Principal(
            agent: try #require(AgentName("clerk")), run: run, purpose: nil, onBehalfOf: nil,
            credential: token, expires: bench.clock.now.wall + .seconds(60))
        return bench.gateway.facts(for: principal, pin: nil, policy: bench.policy).sandboxed
    }

    /// Another process of the gateway on the same log and folders.
    private func restarted(_ bench: Bench, _ starts: Starts) async throws -> SandboxService {
        let next = SandboxService(
            gateway: bench.gateway, folders: bench.sandboxFolders, starts: starts)
        try await next.restore()
        await next.attestRestored()
        return next
    }

    private func leaf(_ run: RunID, _ changes: [String: JSONValue] = [:]) -> JSONValue {
        var object: JSONObject = [
            "run": .string(run.text), "agent": "clerk", "jti": "own", "iso": "full", "abi": 6,
            "ts": 1_000_000,
        ]
        for (name, value) in changes { object[name] = value == .null ? nil : value }
        return .object(object)
    }

    @Test(.requirement("R079"))
    func `a run attests again by its own start, with the token that it names`() async throws {
        let bench = try Bench()
        let run = try await bench.sandboxes.begin(try request(bench)).run
        let next = try await restarted(bench, Starts(leaves: [run: leaf(run)]))
        #expect(try isAttested(bench, run, "own"))
        #expect(try !isAttested(bench, run, "other"))
        let clerk = try #require(AgentName("clerk"))
        let began = bench.gateway.attested.last(of: clerk, under: bench.policy)
        #expect(
            began == Timestamp(microseconds: 1_000_000), "the start of the run, not of the gateway")
        try await next.end(run, SandboxEnd(code: "exited", source: .agent, exit: 0))
        #expect(try !isAttested(bench, run, "own"))
    }

    @Test func `a run whose start proves nothing never attests`() async throws {
        let bench = try Bench()
        let run = try await bench.sandboxes.begin(try request(bench)).run
        let other: RunID = bench.gateway.newID()
        let clerk = try #require(AgentName("clerk"))
        let cases: [Starts] = [
            Starts(), Starts(leaves: [run: leaf(run)], fails: true),
            Starts(leaves: [run: leaf(other)]), Starts(leaves: [run: leaf(run, ["agent": "x"])]),
            Starts(leaves: [run: leaf(run, ["jti": .null])]),
            Starts(leaves: [run: leaf(run, ["jti": ""])]),
            Starts(leaves: [run: leaf(run, ["iso": "most"])]),
            Starts(leaves: [run: leaf(run, ["iso": "reduced"])]),
            Starts(leaves: [run: leaf(run, ["abi": 0])]),
            Starts(leaves: [run: leaf(run, ["abi": .null])]),
            Starts(leaves: [run: leaf(run, ["ts": .null])]),
        ]
        for starts in cases {
            _ = try await restarted(bench, starts)
            #expect(try !isAttested(bench, run, "own"))
            #expect(try !isAttested(bench, run, ""))
            #expect(bench.gateway.attested.last(of: clerk, under: bench.policy) == nil)
        }
        // A run that this process began does not read the log.
        let service = SandboxService(
            gateway: bench.gateway, folders: bench.sandboxFolders,
            starts: Starts(leaves: [run: leaf(run)]))
        await service.attestRestored()
        #expect(try !isAttested(bench, run, "own"))
    }

    @Test func `Landlock is off by the policy, not the kernel, if there is no isolation`() throws {
        let bench = try Bench()
        let request = try request(bench, landlock: 0, isolation: .none)
        let run = RunContext(
            run: NameAuthenticator.run(of: "clerk"), agent: request.agent, subject: nil)
        bench.sandboxes.noteDegradations(of: run, request, bench.policy)
        let layers = bench.ledger.drafts(of: .runDegraded)
        #expect(layers.map { $0.fields["code"]?.string } == ["policy", "policy"])
    }

    @Test
    func
        `layers and limits that are not kept follow the start, and limits that were reached precede the end`()
        async throws
    {
        let bench = try Bench()
        let run = try await bench.sandboxes.begin(
            try request(bench, degraded: ["cpu", "memory"], landlock: 0)
        ).run
        let layer = try #require(bench.ledger.drafts(of: .runDegraded).last)
        #expect(layer.fields["name"] == "landlock" && layer.fields["code"] == "kernel")
        let limits = bench.ledger.drafts(of: .limitDegraded)
        #expect(limits.map { $0.fields["name"]?.string } == ["cpu", "memory"])
        #expect(limits.allSatisfy { $0.fields["code"] == "no-cgroup" && $0.run?.run == run })
        #expect(limits.first?.fields["amt"] == 2)
        let end = SandboxEnd(
            code: "wall", source: .interlock, exit: 124, peakMemory: 8192, largestProcess: 4096,
            hits: [SandboxLimitHit(.wall, 60), SandboxLimitHit(.pids, 64)])
        #expect(try SandboxEnd(end.json) == end)
        try await bench.sandboxes.end(run, end)
        let last = bench.ledger.drafts.suffix(3).map(\.type)
        #expect(last == [.limitHit, .limitHit, .runEnd])
        let hit = try #require(bench.ledger.drafts(of: .limitHit).first)
        #expect(hit.fields["name"] == "wall" && hit.fields["amt"] == 60 && hit.run?.run == run)
        let record = try #require(bench.ledger.drafts(of: .runEnd).last)
        #expect(record.fields["mem"] == 8192 && record.fields["rss"] == 4096)
        for hits in [[1], [["limit": "other", "value": 1]], [["limit": "wall"]]] as [JSONValue] {
            var object = try #require(end.json.object)
            object["hits"] = hits
            #expect(throws: FormError.self) { try SandboxEnd(.object(object)) }
        }
    }

    @Test func `a command line widens only what the policy lets it`() async throws {
        let plain = try Bench()
        let clerk = try #require(AgentName("clerk"))
        for (allowed, read) in [(["api.example.com:443"], []), ([], ["/opt/tools"])] {
            let request = try request(plain, allowed: allowed, read: read)
            await #expect(throws: SandboxRefusal.notWidened(clerk)) {
                try await plain.sandboxes.begin(request)
            }
        }
        let widened = ("tier: medium", "tier: medium\n    sandbox: {cli_may_widen: true}")
        let bench = try Bench(policy: [widened])
        let unfit = try request(bench, allowed: ["API.example.com:443"])
        await #expect(throws: SandboxRefusal.notWidened(clerk)) {
            try await bench.sandboxes.begin(unfit)
        }
        let asked = try request(bench, allowed: ["api.example.com:443"], read: ["/opt/tools"])
        #expect(try SandboxRequest(asked.json).json == asked.json)
        let run = try await bench.sandboxes.begin(asked).run
        let start = try #require(bench.ledger.drafts(of: .runStart).last)
        #expect(start.fields["wide"] == 2)
        let setup = String(decoding: asked.setup(nil), as: UTF8.self)
        #expect(setup.contains("api.example.com:443") && setup.contains("/opt/tools"))
        func answer(_ run: RunID) async throws -> EgressResponse {
            let target = EgressTarget(try EgressHost("api.example.com"), port: 443)
            let message = EgressMessage(
                call: bench.gateway.newID(),
                asked: EgressDestination(try #require(target), .tunnel), .decide)
            return try await bench.sandboxes.connection(message, of: run)
        }
        guard case .admitted = try await answer(run) else {
            Issue.record("the run reaches what its command line adds")
            return
        }
        // Another run of the agent does not, and a reload that forbids it counts at once.
        let other = try await bench.sandboxes.begin(try request(bench)).run
        #expect(try await answer(other) == .refused(.noRule))
        try await bench.swap([])
        #expect(try await answer(run) == .refused(.noRule))
    }

    @Test func `a private address and a first host are noticed once`() async throws {
        let egress = (
            "tier: medium", "tier: medium\n    sandbox: {egress: [\"api.example.com:443\"]}"
        )
        let bench = try Bench(policy: [egress])
        let run = try await bench.sandboxes.begin(try request(bench)).run
        let address = try #require(IPAddress(bytes: [93, 184, 215, 14]))
        let target = EgressTarget(try EgressHost("api.example.com"), port: 443)
        let asked = EgressDestination(try #require(target), .tunnel)
        for _ in 0..<2 {
            for content in [
                EgressMessage.Content.connect([address], hasEncryptedHello: false),
                .refused(.privateAddress),
            ] {
                _ = try await bench.sandboxes.connection(
                    EgressMessage(call: bench.gateway.newID(), asked: asked, content), of: run)
            }
        }
        func alerts(_ code: String) -> [RecordDraft] {
            bench.ledger.drafts(of: .alarmRaised).filter { $0.fields["code"] == .string(code) }
        }
        let refused = alerts("net.private_address")
        #expect(refused.count == 1 && refused.first?.fields["agent"] == "clerk")
        #expect(refused.first?.fields["subject"] == .string(run.text))
        let first = alerts("signal.first_host")
        #expect(first.count == 1 && first.first?.fields["ofrun"] == .string(run.text))
    }
}
