import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockGatewayBench
@testable import InterlockHookDecisions

/// The results of doctor, and the status of which they are a part (docs/specs/coding-agents.md, section 6).
@Suite struct DoctorResultTests {
    private func report(
        _ outcome: DoctorOutcome, of host: HookHost = .claudeCode, to outside: OutsideBench,
        user: UInt32 = OutsideBench.user
    ) async throws -> HTTPResponse {
        try await outside.post(
            DoctorResult(host: host, state: .finished(outcome)).wire,
            OutsideBench.head(user: user, path: DoctorResult.path))
    }

    private func status(_ outside: OutsideBench) async throws -> HostStatus {
        let response = try await outside.post([], OutsideBench.head(path: HostStatus.path))
        return try HostStatus(parsing: response.body)
    }

    @Test(.requirement("R038", "R039"))
    func `a result is on record, and is a part of the status with its age`() async throws {
        let outside = try OutsideBench()
        #expect(try await status(outside).doctor.isEmpty)
        #expect(try await report(.failed, to: outside).status == 201)
        outside.bench.clock.advance(.seconds(5))
        #expect(try await report(.good, to: outside).status == 201)
        #expect(try await report(.unknown, of: .codex, to: outside).status == 201)
        outside.bench.clock.advance(.seconds(90))
        #expect(
            try await status(outside).doctor == [
                .claudeCode: .init(state: .finished(.good), ageSeconds: 90),
                .codex: .init(state: .finished(.unknown), ageSeconds: 90),
            ])
        let drafts = outside.bench.ledger.drafts(of: .hostChecked)
        #expect(drafts.map { $0.fields["st"]?.string } == ["failed", "good", "unknown"])
        #expect(drafts.allSatisfy { $0.fields["agent"] == "clerk" && $0.run == nil })
        #expect(outside.bench.ledger.drafts(of: .runStart).isEmpty)
    }

    @Test func `a result that cannot be recorded does not count`() async throws {
        let outside = try OutsideBench()
        outside.bench.ledger.refuse(.hostChecked)
        #expect(try await report(.good, to: outside).status == 503)
        #expect(try await status(outside).doctor.isEmpty)
        outside.bench.ledger.accept()
        #expect(try await report(.good, to: outside).status == 201)
        // A failure that is not recorded leaves the last result.
        outside.bench.ledger.refuse(.hostChecked)
        #expect(try await report(.failed, to: outside).status == 503)
        #expect(try await status(outside).doctor[.claudeCode]?.state == .finished(.good))
    }

    @Test(.requirement("R151"))
    func `results in a loop are bounded, with one record a minute, and leave the last one`()
        async throws
    {
        let outside = try OutsideBench()
        func refused() -> [RecordDraft] { outside.bench.ledger.drafts(of: .accessRefused) }
        for _ in 0..<AgentRateLimiter.doctorResults.burst {
            #expect(try await report(.good, to: outside).status == 201)
        }
        let written = outside.bench.types.count
        for _ in 0..<100 {
            let response = try await report(.failed, to: outside)
            #expect(response.status == 429)
            #expect(String(decoding: response.body, as: UTF8.self).contains("10/m afterwards"))
        }
        #expect(outside.bench.types.count == written + 1 && refused().count == 1)
        #expect(refused().first?.fields["code"] == "access.too_many_results")
        #expect(refused().first?.fields["agent"] == "clerk")
        #expect(try await status(outside).doctor[.claudeCode]?.state == .finished(.good))
        // One is admitted every six seconds, and no more.
        outside.bench.clock.advance(.seconds(6))
        #expect(try await report(.failed, to: outside).status == 201)
        #expect(try await report(.good, to: outside).status == 429)
        #expect(try await status(outside).doctor[.claudeCode]?.state == .finished(.failed))
        outside.bench.clock.advance(AgentRateLimiter.window)
        for _ in 0..<40 { _ = try await report(.good, to: outside) }
        #expect(refused().count == 2)
    }

    @Test func `what is no result takes nothing of the rate`() async throws {
        let outside = try OutsideBench()
        let head = OutsideBench.head(path: DoctorResult.path)
        for _ in 0..<2 * AgentRateLimiter.doctorResults.burst {
            #expect(try await outside.post(Array("{}".utf8), head).status == 400)
        }
        #expect(try await report(.good, to: outside).status == 201)
        #expect(outside.bench.ledger.drafts(of: .accessRefused).isEmpty)
    }

    @Test func `another body is refused, and the user of no agent reports nothing`() async throws {
        let outside = try OutsideBench()
        for text in ["", "{}", #"{"v":1,"host":"claude-code","result":"fine"}"#] {
            let head = OutsideBench.head(path: DoctorResult.path)
            #expect(try await outside.post(Array(text.utf8), head).status == 400)
        }
        #expect(try await report(.good, to: outside, user: 1001).status != 201)
        #expect(outside.bench.ledger.drafts(of: .hostChecked).isEmpty)
        #expect(try await status(outside).doctor.isEmpty)
    }

    private static func leaf(
        _ result: JSONValue = "good", agent: JSONValue = "clerk", host: JSONValue = "claude-code",
        at: Timestamp
    ) -> JSONValue {
        ["agent": agent, "host": host, "st": result, "ts": .integer(at.microseconds)]
    }

    @Test func `results of an earlier process count, and not those of other agents or the future`()
        async throws
    {
        let now = try OutsideBench().bench.clock.wall
        let outside = try OutsideBench(
            results: .init(leaves: [
                Self.leaf("failed", at: now - .seconds(60)), Self.leaf(at: now - .seconds(30)),
                Self.leaf(host: "cursor", at: now + .seconds(30)),
                Self.leaf(agent: "other", host: "codex", at: now - .seconds(1)),
                Self.leaf("better", host: "codex", at: now - .seconds(1)),
                Self.leaf(host: "vim", at: now - .seconds(1)), [:],
            ]))
        #expect(
            try await status(outside).doctor == [
                .claudeCode: .init(state: .finished(.good), ageSeconds: 30)
            ])
        #expect(try await report(.failed, to: outside).status == 201)
        #expect(try await status(outside).doctor[.claudeCode]?.state == .finished(.failed))
    }

    @Test func `a log that cannot be read leaves no result, until doctor runs again`() async throws
    {
        let outside = try OutsideBench(results: .init(leaves: nil))
        #expect(try await status(outside).doctor.isEmpty)
        #expect(try await report(.good, to: outside).status == 201)
        #expect(try await status(outside).doctor[.claudeCode]?.state == .finished(.good))
    }

    @Test func `the status says whether people signed what decides`() async throws {
        let isBroken = Mutex(false)
        let outside = try OutsideBench(
            files: .init(hasError: { isBroken.withLock { $0 } }))
        let policy = outside.bench.gateway.policy
        policy.swap(to: policy.snapshot, isFounding: true)
        #expect(try await status(outside).policyState == .unsigned)
        policy.swap(to: policy.snapshot, isFounding: false)
        #expect(try await status(outside).policyState == .signed)
        isBroken.withLock { $0 = true }
        #expect(try await status(outside).policyState == .reloadRefused)
    }
}
