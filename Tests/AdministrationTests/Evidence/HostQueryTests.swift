import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Sessions of coding agents from the records of runs (docs/specs/coding-agents.md, sections 9 and 10).
@Suite struct HostQueryTests {
    private static let run = RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
    private static let other = RunID(milliseconds: 2, random: [UInt8](repeating: 2, count: 10))
    private let bench: Bench

    init() throws { bench = try Bench() }

    /// A record of the first run, `ago` before the present of the bench.
    private func leaf(_ fields: JSONObject, ago: Duration = .seconds(1)) -> JSONObject {
        var leaf: JSONObject = [
            "agent": "clerk", "run": .string(Self.run.text), "host": "claude-code", "ses": "s1",
            "ts": .integer((bench.clock.now.wall - ago).microseconds),
        ]
        for (name, value) in fields.members { leaf[name] = value }
        return leaf
    }

    private func begin(ago: Duration = .seconds(1)) -> JSONObject {
        leaf(["t": "hook.session", "ev": "session_start", "hv": "2.1", "mode": "plan"], ago: ago)
    }

    private func found(
        _ leaves: [JSONObject], _ roles: Set<Role> = [.kill], own: String...,
        query: HostQuery = HostQuery()
    ) async throws -> [HostSessionView] {
        let service = HostQueryService(
            gateway: bench.gateway, log: try MemoryLog(leaves),
            looks: LogAccessLimiter(clock: bench.clock))
        let reader = EvidenceReader(
            visibility: Visibility(
                person: try #require(Person("li@acme.example")), roles: roles,
                own: Set(own.compactMap { AgentName($0) })),
            pseudonym: Pseudonym(text: "QLXTbNQ1YTnI03wFjLK7rw=="))
        return try await service.sessions(query, before: nil, for: reader).sessions
    }

    @Test func `a session has its program, its subagents, its tools and its newest event`()
        async throws
    {
        let sessions = try await found([
            begin(),
            leaf(["t": "call.intent", "dec": "allow", "tool": "host__shell", "sub": "a1"]),
            leaf(["t": "call.denied", "dec": "deny", "tool": "host__shell"]),
            leaf(["t": "call.intent", "dec": "approve", "tool": "host__write"]),
            leaf(["t": "hook.call", "ev": "post_tool", "dec": "unmatched"]),
        ])
        let session = try #require(sessions.first)
        #expect(sessions.count == 1 && session.calls == 3 && session.unmatched == 1)
        #expect(session.host == "claude-code" && session.version == "2.1" && session.mode == "plan")
        #expect(session.subagents.map(\.name) == ["a1"])
        #expect(session.tools.map(\.name) == ["host.shell", "host.write"])
        #expect(session.tools[0].allowed == 1 && session.tools[0].denied == 1)
        #expect(session.lastEvent == "post_tool" && session.newest == 4)
        #expect(session.health == .active)
    }

    @Test func `hooks are active only while events come, and silent by a record`() async throws {
        func health(_ leaves: [JSONObject]) async throws -> HostSessionView.Health? {
            try await found(leaves).first?.health
        }
        #expect(try await health([begin()]) == .active)
        #expect(try await health([begin(ago: .seconds(901))]) == .unknown)
        // A clock that went back says nothing of the present.
        #expect(try await health([begin(ago: .seconds(-60))]) == .unknown)
        let end = leaf(["t": "hook.session", "ev": "session_end"])
        #expect(try await health([begin(), end]) == .ended)
        #expect(try await health([begin(), end, begin()]) == .active)
        #expect(try await health([begin(), leaf(["t": "hook.silent"])]) == .silent)
        #expect(try await health([begin(), leaf(["t": "hook.bypassed"]), end]) == .silent)
        #expect(try await health([begin(), leaf(["t": "hook.config_changed"])]) == .active)
    }

    @Test func `sessions are seen with their runs, and each look is recorded`() async throws {
        var foreign = begin()
        foreign["agent"] = "other"
        foreign["run"] = .string(Self.other.text)
        let leaves = [begin(), foreign]
        #expect(try await found(leaves).count == 2)
        #expect(try await found(leaves, [], own: "clerk").map(\.agent.text) == ["clerk"])
        #expect(try await found(leaves, []).isEmpty)
        #expect(
            try await found(leaves, query: HostQuery(agent: "other")).map(\.run) == [Self.other])
        #expect(try await found(leaves, query: HostQuery(run: Self.run)).map(\.run) == [Self.run])
        let exports = bench.ledger.drafts(of: .exportMade).map(\.fields)
        #expect(exports.count == 5 && exports.allSatisfy { $0["kind"] == "query" })
        #expect(exports.map { $0["n"]?.integer } == [2, 1, 0, 1, 1])
    }
}
