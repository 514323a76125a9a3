import InterlockCredentials
import InterlockEvals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockChangeGate
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Results of evals that the operator submits: verified, recorded, kept, and then counted.
@Suite(.requirement("R116")) struct ChangeGateServiceTests {
    private let reader = GateBench.reader

    @Test func `a result is recorded and kept, and counts also after a restart`() async throws {
        let gated = try await GateBench()
        check(try await gated.look(), .refused(4030, "eval-missing"))
        let answer = try await gated.submit(gated.result(of: try gated.parts(of: reader)))
        #expect(answer["gate"] == "passed" && answer["verdict"] == "pass")
        check(try await gated.look(), .text("done"))
        let record = try #require(gated.bench.ledger.drafts(of: .evalResult).first)
        #expect(record.fields["agent"] == "reader" && record.fields["by"] == .string(gated.by.text))
        #expect(record.payloads.map(\.field) == ["proof"])
        #expect(gated.log.lines.last?.hasPrefix("eval.result reader sha256:") == true)
        let next = try await GateBench(log: gated.log)
        check(try await next.look(), .text("done"))
        #expect(gated.bench.upstreams.sent.count == 1 && next.bench.upstreams.sent.count == 1)
    }

    @Test func `what the log or the store does not take changes nothing`() async throws {
        let gated = try await GateBench()
        gated.bench.ledger.refuse(.evalResult, kept: false)
        await #expect(throws: Problem.self) { try await gated.pass() }
        #expect(!gated.log.lines.contains { $0.hasPrefix("eval.result") })
        check(try await gated.look(), .refused(4030, "eval-missing"))
        gated.bench.ledger.accept()
        gated.log.fail()
        await #expect(throws: Problem.self) { try await gated.pass() }
        let unkept = try #require(gated.bench.ledger.drafts(of: .evalResult).last)
        #expect(unkept.fields["code"] == "result.unkept")
        check(try await gated.look(), .refused(4030, "eval-missing"))
        // The record without an entry, which a crash between both leaves.
        let next = try await GateBench(log: gated.log, ledger: gated.bench.ledger)
        check(try await next.look(), .refused(4030, "eval-missing"))
        gated.log.mend()
        try await gated.pass()
        check(try await gated.look(), .text("done"))
    }

    @Test func `a result is refused that is edited, unsigned, older or of no agent here`()
        async throws
    {
        let gated = try await GateBench()
        let result = gated.result(of: try gated.parts(of: reader))
        let envelope = try GateBench.pipeline.envelope(.evalResult, try result.canonical())
        let other = gated.result(of: try gated.parts(of: GateBench.clerk))
        let edited = Envelope(
            payloadType: .evalResult, payload: try other.canonical(),
            signatures: envelope.signatures)
        func kind(_ body: JSONValue) async -> ProblemKind? {
            do throws(Problem) {
                _ = try await gated.service.submit(body, by: gated.by)
                return nil
            } catch { return error.kind }
        }
        #expect(await kind(edited.json) == .badSignature)
        let foreign = try People.all["ines"].key.envelope(.evalResult, try result.canonical())
        #expect(await kind(foreign.json) == .badSignature)
        #expect(await kind(foreign.json) == .badSignature)
        // One alert of each of the two agents in an hour, however often something is submitted.
        #expect(gated.alerts == ["eval.unsigned", "eval.unsigned"])
        gated.bench.clock.advance(.seconds(3600))
        #expect(await kind(foreign.json) == .badSignature)
        #expect(gated.alerts == ["eval.unsigned", "eval.unsigned", "eval.unsigned"])
        let typed = try GateBench.pipeline.envelope(.vote, try result.canonical())
        #expect(await kind(typed.json) == .malformed)
        #expect(await kind(["payload": ""]) == .malformed)
        let late = gated.result(
            of: try gated.parts(of: reader), ended: gated.bench.clock.now.wall + .seconds(3600))
        let future = try GateBench.pipeline.envelope(.evalResult, try late.canonical())
        #expect(await kind(future.json) == .otherState)
        let unknown = AgentFingerprint(
            agent: AgentName("nobody").unwrapped, model: result.parts.model,
            policy: result.parts.policy, prompt: result.parts.prompt, skills: result.parts.skills,
            tools: result.parts.tools)
        let stranger = try GateBench.pipeline.envelope(
            .evalResult, try gated.result(of: unknown).canonical())
        #expect(await kind(stranger.json) == .noSuchAgent)
        #expect(gated.bench.ledger.drafts(of: .evalResult).isEmpty)
        #expect(await kind(envelope.json) == nil)
        #expect(await kind(envelope.json) == .otherState)
    }

    @Test func `a result of a part of the suite is not taken, and replaces none`() async throws {
        let gated = try await GateBench()
        let parts = try gated.parts(of: reader)
        await #expect(throws: Problem.self) {
            try await gated.submit(gated.result(of: parts, isPartial: true))
        }
        check(try await gated.look(), .refused(4030, "eval-missing"))
        try await gated.pass()
        gated.bench.clock.advance(.seconds(1))
        await #expect(throws: Problem.self) {
            try await gated.submit(gated.result(of: parts, isPartial: true))
        }
        check(try await gated.look(), .text("done"))
        #expect(gated.bench.ledger.drafts(of: .evalResult).count == 1)
    }

    @Test func `of two results that ended at once the one counts that did not pass`() async throws {
        for isFailureFirst in [true, false] {
            let gated = try await GateBench()
            let parts = try gated.parts(of: reader)
            let (pass, fail) = (gated.result(of: parts), gated.result(of: parts, .fail))
            try await gated.submit(isFailureFirst ? fail : pass)
            if isFailureFirst {
                await #expect(throws: Problem.self) { try await gated.submit(pass) }
            } else {
                try await gated.submit(fail)
            }
            check(try await gated.look(), .refused(4030, "eval-failed"))
            let next = try await GateBench(log: gated.log, clock: gated.bench.clock)
            check(try await next.look(), .refused(4030, "eval-failed"))
        }
    }

    @Test func `a result that passed does not come back after one that failed`() async throws {
        let gated = try await GateBench()
        let parts = try gated.parts(of: reader)
        let pass = gated.result(of: parts)
        try await gated.submit(pass)
        gated.bench.clock.advance(.seconds(1))
        try await gated.submit(gated.result(of: parts, .fail))
        await #expect(throws: Problem.self) { try await gated.submit(pass) }
        check(try await gated.look(), .refused(4030, "eval-failed"))
        let next = try await GateBench(log: gated.log, clock: gated.bench.clock)
        await #expect(throws: Problem.self) { try await next.submit(pass) }
        check(try await next.look(), .refused(4030, "eval-failed"))
    }

    @Test func `a submission stores the time that the gate has seen`() async throws {
        let gated = try await GateBench(isGraced: true)
        func seen() -> [String] {
            gated.log.all.filter { $0.kind == .evalGate }.compactMap { $0.body["seen"]?.string }
        }
        #expect(seen().count == 1)
        gated.bench.clock.advance(.seconds(120))
        try await gated.pass()
        #expect(seen().count == 2 && seen().last == gated.bench.clock.now.wall.rfc3339())
        #expect(gated.log.lines.last?.hasPrefix("eval.result reader sha256:") == true)
        // A result that the store does not take stores no time either.
        gated.log.fail()
        gated.bench.clock.advance(.seconds(120))
        await #expect(throws: Problem.self) { try await gated.pass() }
        #expect(seen().count == 2)
    }

    @Test func `results are known for twice the time that any counts, the latest for ever`()
        async throws
    {
        let gated = try await GateBench()
        let (first, second) = (
            try gated.parts(of: reader, other: .prompt), try gated.parts(of: reader, other: .skills)
        )
        try await gated.submit(gated.result(of: first))
        gated.bench.clock.advance(.seconds(179 * 86_400))
        try await gated.submit(gated.result(of: second))
        #expect(gated.registry.results(of: reader).count == 2)
        gated.bench.clock.advance(.seconds(2 * 86_400))
        // A result of another agent makes the gate count anew.
        try await gated.pass(GateBench.clerk)
        let known = gated.registry.results(of: reader).map(\.result.parts)
        #expect(known == [second])
        gated.bench.clock.advance(.seconds(400 * 86_400))
        try await gated.pass(GateBench.clerk)
        #expect(gated.registry.results(of: reader).map(\.result.parts) == [second])
        let next = try await GateBench(log: gated.log, clock: gated.bench.clock)
        #expect(next.registry.results(of: reader).map(\.result.parts) == [second])
    }

    @Test func `a control log with another entry about evals gives no gate`() async throws {
        let entries: [ControlDraft] = [
            ControlDraft(.evalResult, "reader", ["result": "none"]),
            ControlDraft(.evalCarry, "reader", [:]), ControlDraft(.evalCarry, "no agent", [:]),
            ControlDraft(.evalGate, "gate", ["since": "yesterday", "seen": "today"]),
            ControlDraft(.evalGate, "policy", ["policy": "sha256:1"]),
            ControlDraft(.evalGate, "policy", [:]), ControlDraft(.evalGate, "other", [:]),
        ]
        for entry in entries {
            let log = MemoryControlLog()
            _ = try await log.append([entry])
            await #expect(throws: ControlLogFailure.self, "\(entry.kind)") {
                _ = try await GateBench(log: log, isGraced: true)
            }
        }
        let gated = try await GateBench()
        try await gated.pass()
        let kept = try #require(gated.log.all.last)
        _ = try await gated.log.append([
            ControlDraft(.evalResult, "clerk \(kept.subject.dropFirst(7))", kept.body)
        ])
        await #expect(throws: ControlLogFailure.self) { _ = try await GateBench(log: gated.log) }
    }

    @Test func `a store that cannot be written gives no gate at the first start`() async throws {
        let log = MemoryControlLog()
        log.fail()
        await #expect(throws: ControlLogFailure.self) {
            _ = try await GateBench(log: log, isGraced: true)
        }
    }

    @Test func `the status names each agent and the next command`() async throws {
        let gated = try await GateBench(isGraced: true)
        let before = gated.service.status()
        #expect(before["refuses_missing_from"]?.string != nil)
        #expect(
            before["agents"]?.array?.compactMap { $0["gate"]?.string } == ["missing", "missing"])
        let line = try #require(gated.service.startLine())
        #expect(
            line.contains("clerk, reader")
                && line.contains("interlock eval run clerk --sign KEY"))
        let next = before["agents"]?.array?.compactMap { $0["next"]?.string } ?? []
        #expect(next.contains("interlock eval run reader --starter --sign KEY"))
        // An agent that is refused now is not named with those that will be.
        try await gated.submit(gated.result(of: try gated.parts(of: GateBench.clerk), .fail))
        let mixed = try #require(gated.service.startLine())
        #expect(mixed.contains("evals: clerk; their calls are refused; agents"))
        #expect(mixed.contains("evals: reader; their calls are refused from "))
        gated.bench.clock.advance(.seconds(1))
        try await gated.pass()
        try await gated.pass(GateBench.clerk)
        let after = gated.service.status()
        #expect(after["agents"]?.array?.compactMap { $0["gate"]?.string } == ["passed", "passed"])
        #expect(gated.service.startLine() == nil)
    }
}
