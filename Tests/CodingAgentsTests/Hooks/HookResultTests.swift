import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// The results of tools that a host executed (docs/specs/coding-agents.md, section 7).
@Suite struct HookResultTests {
    private static let run = NameAuthenticator.run(of: "clerk")
    private static let secret = "canary-value"
    private static let mark = "[redacted:canary-rule]"

    /// Finds `secret` in each text.
    private static let finder = StubInspector.finding(secret)

    private func hooks(
        _ hooks: String? = nil, _ inspector: StubInspector = finder,
        limit: Duration = .seconds(30)
    ) throws -> HookBench {
        let changes = hooks.map {
            [("approvers: finance\n", "approvers: finance\n    hooks: {\($0)}\n")]
        }
        return try HookBench(
            changes ?? [], since: Timestamp(microseconds: 0),
            results: ResultInspections(inspector, limit: limit))
    }

    private static let read = HookTool(hostName: "Read", name: .read, arguments: [:])
    private static let fetch = HookTool(hostName: "NewRead", name: .read, arguments: [:])

    private func result(
        _ result: JSONValue, of tool: HookTool = read, _ kind: HookEventKind = .postTool
    ) -> HookEvent {
        var event = HookBench.event(kind, tool: tool, details: ["tool_response": result])
        event.hostName = kind == .postTool ? "PostToolUse" : "PostToolUseFailure"
        return event
    }

    private func file(_ content: String) -> JSONValue {
        ["type": "text", "file": ["filePath": "/f", "content": .string(content)]]
    }

    /// Sends the events of one call of a tool that may run.
    private func use(
        _ hooks: HookBench, _ end: HookEvent, _ tool: HookTool = read
    ) async throws -> HookVerdict {
        try await hooks.send(HookBench.event(.sessionStart))
        #expect(try await hooks.send(HookBench.event(tool: tool)).decision == .allow)
        return try await hooks.send(end)
    }

    private func stopped(_ hooks: HookBench) -> [RunID] { hooks.stops.runs.withLock { $0 } }

    private func failures(_ hooks: HookBench) -> [RecordDraft] {
        hooks.bench.ledger.drafts(of: .redactionFailed)
    }

    private func alerts(_ hooks: HookBench) -> Int {
        hooks.bench.ledger.drafts(of: .alarmRaised).count {
            $0.fields["code"] == "redaction.failed"
        }
    }

    @Test(.requirement("R150"), arguments: [HookEventKind.postTool, .postToolFailure])
    func `a worker gets the text of a result without what was found`(
        _ kind: HookEventKind
    ) async throws {
        let hooks = try hooks()
        var end = HookBench.event(
            kind, tool: Self.read, details: ["result": .string("a \(Self.secret) b")])
        end.sender = .worker
        let verdict = try await use(hooks, end)
        #expect(verdict.decision == .redact(.string("a \(Self.mark) b")))
        #expect(failures(hooks).isEmpty && stopped(hooks).isEmpty)
    }

    @Test(.requirement("R082"))
    func `a canary is replaced as other values are, and raises an alert`() async throws {
        let hooks = try hooks(nil, .finding(Self.secret, .canary))
        let end = try await use(hooks, result(file("a \(Self.secret) b")))
        #expect(end.decision == .redact(file("a \(Self.mark) b")))
        let alarms = hooks.bench.ledger.drafts(of: .alarmRaised).filter {
            $0.fields["code"] == "result.canary"
        }
        #expect(alarms.count == 1 && alarms.first?.fields["cny"] == "decoy")
        #expect(alarms.first?.fields["ofrun"] == .string(Self.run.text) && stopped(hooks).isEmpty)
    }

    @Test(.requirement("R039", "R082"), arguments: [nil, "on_unredactable: alert"] as [String?])
    func `a canary that the host cannot replace raises its alert, too`(_ rule: String?) async throws
    {
        let hooks = try hooks(rule, .finding(Self.secret, .canary))
        let end = try await use(
            hooks, result(.string(Self.secret), of: Self.fetch), Self.fetch)
        #expect(end.decision == (rule == nil ? .deny : .allow))
        let alarms = hooks.bench.ledger.drafts(of: .alarmRaised).filter {
            $0.fields["code"] == "result.canary"
        }
        #expect(alarms.count == 1 && alarms.first?.fields["cny"] == "decoy")
        #expect(alarms.first?.fields["ofrun"] == .string(Self.run.text))
        #expect(failures(hooks).count == 1 && alerts(hooks) == 1)
        #expect(stopped(hooks) == (rule == nil ? [Self.run] : []))
    }

    /// A search of decoded views finds the whole run that has a value.
    @Test(.requirement("R082"))
    func `an encoded value goes with its run, and what is not decoded is given`() async throws {
        let code = "Y2FuYXJ5LXZhbHVl"
        let finder = StubInspector.finding(code)
        let inspector = StubInspector.atOnce { texts in
            guard case .found(let findings, _, _)? = finder.inspectAtOnce(texts, bytes: 0) else {
                return .undecodable
            }
            return .found(findings, isUndecodable: true)
        }
        let encoded = try hooks(nil, inspector)
        let end = try await use(encoded, result(file("a \(code) b, Wm05dllnPT0=")))
        #expect(end.decision == .redact(file("a \(Self.mark) b, Wm05dllnPT0=")))
        let record = try #require(encoded.bench.ledger.drafts(of: .hookCall).last)
        #expect(record.fields["code"] == "found" && record.fields["rules"] == ["canary-rule"])
        let unknown = try hooks(nil, inspector)
        let given = try await use(unknown, result(file("Wm05dllnPT0=")))
        #expect(given.decision == .allow && given.reason == "closed")
        for hooks in [encoded, unknown] {
            #expect(failures(hooks).isEmpty && stopped(hooks).isEmpty)
        }
    }

    /// A coding agent edits tests, in which numbers are examples.
    @Test(.requirement("R082"))
    func `the number of a card stays in a result unless the policy raises its class`() async throws
    {
        let raised = "safety: {classes: {card: {results: replace}}}\nforbid:\n"
        for changes in [[], [("forbid:\n", raised)]] as [[(String, String)]] {
            let hooks = try HookBench(
                changes, since: Timestamp(microseconds: 0),
                results: ResultInspections(
                    StubInspector.finding(Self.secret, .card), limit: .seconds(30)))
            let end = try await use(hooks, result(file("a \(Self.secret) b")))
            #expect(
                end.decision
                    == (changes.isEmpty ? .allow : .redact(file("a \(Self.mark) b"))))
        }
    }

    @Test func `a result without a finding is left alone`() async throws {
        let hooks = try hooks()
        let end = try await use(hooks, result(file("plain")))
        #expect(end.decision == .allow && end.reason == "closed")
        #expect(failures(hooks).isEmpty && hooks.types().last == .callOutcome)
    }

    @Test(.requirement("R082"))
    func `a finding is replaced in a copy, and what the model reads is on record first`()
        async throws
    {
        let hooks = try hooks()
        let end = try await use(hooks, result(file("a \(Self.secret) b")))
        #expect(end.decision == .redact(file("a \(Self.mark) b")) && end.reason == "redacted")
        let record = try #require(hooks.bench.ledger.drafts(of: .hookCall).last)
        #expect(record.run?.run == Self.run)
        #expect(record.fields["dec"] == "redacted" && record.fields["code"] == "found")
        #expect(record.fields["rules"] == ["canary-rule"] && record.fields["hcall"] == "c1")
        #expect(record.payloads.map(\.field) == ["said"])
        // The outcome commits to the result as it was.
        #expect(hooks.bench.ledger.drafts(of: .callOutcome).last?.fields["code"] == "0")
        #expect(failures(hooks).isEmpty && stopped(hooks).isEmpty && alerts(hooks) == 0)
        // The session continues.
        let next = HookBench.event(call: "c2", tool: Self.read)
        #expect(try await hooks.send(next).decision == .allow)
    }

    @Test func `a result of an MCP tool at the hook is inspected too`() async throws {
        let hooks = try hooks()
        var tool = HookBench.tool(.mcp(server: "interlock", tool: "desk__look"))
        tool.server = HookServer(url: "http://127.0.0.1:3128/mcp")
        let end = try await use(
            hooks, result([["type": "text", "text": .string(Self.secret)]], of: tool), tool)
        #expect(end.decision == .redact([["type": "text", "text": .string(Self.mark)]]))
    }

    @Test(.requirement("R039", "R082"))
    func `what the host cannot replace ends the run`() async throws {
        for hooks in [try hooks(), try hooks("on_unredactable: kill")] {
            let end = try await use(
                hooks, result(.string(Self.secret), of: Self.fetch), Self.fetch)
            #expect(end.decision == .deny && end.reason == "unredactable")
            let record = try #require(failures(hooks).last)
            #expect(record.run?.run == Self.run && record.fields["verdict"] == "kill")
            #expect(record.fields["code"] == "found" && record.fields["rules"] == ["canary-rule"])
            #expect(record.fields["tool"] == "host.read" && record.fields["hcall"] == "c1")
            #expect(record.fields["ev"] == "post_tool")
            #expect(stopped(hooks) == [Self.run] && alerts(hooks) == 1)
            // The order is on its way, and nothing else of the run begins.
            let next = HookBench.event(call: "c2", tool: Self.read)
            #expect(try await hooks.send(next).reason == "unredactable")
            hooks.bench.clock.advance(.seconds(11))
            hooks.monitor.sweep()
            #expect(stopped(hooks).count == 2)
        }
    }

    @Test(.requirement("R082"))
    func `with an alert alone the run continues, and its approvals too`() async throws {
        let hooks = try hooks("on_unredactable: alert")
        let end = try await use(
            hooks, result(.string(Self.secret), of: Self.fetch), Self.fetch)
        #expect(end.decision == .allow && end.reason == "closed")
        #expect(failures(hooks).last?.fields["verdict"] == "alert")
        #expect(stopped(hooks).isEmpty && alerts(hooks) == 1)
        #expect(!hooks.bench.gateway.runs.distrusted.contains(Self.run))
        let next = HookBench.event(call: "c2", tool: Self.read)
        #expect(try await hooks.send(next).decision == .allow)
        // A second one is on record; one alert is raised for a run.
        var again = result(.string(Self.secret), of: Self.fetch)
        again.call = "c2"
        try await hooks.send(again)
        #expect(failures(hooks).count == 2 && alerts(hooks) == 1)
    }

    @Test func `the text of a failure cannot be replaced`() async throws {
        let hooks = try hooks()
        let end = try await use(
            hooks, result(.string(Self.secret), of: Self.read, .postToolFailure))
        #expect(end.reason == "unredactable" && stopped(hooks) == [Self.run])
        #expect(failures(hooks).last?.fields["ev"] == "post_tool_failure")
    }

    @Test(arguments: ResultInspectionFailure.allCases)
    func `a result that was not searched counts as one with a finding`(
        failure: ResultInspectionFailure
    ) async throws {
        let failing = StubInspector { _ in .failed(failure) }
        let known = try hooks(nil, failing)
        let withheld = try await use(known, result(file("plain")))
        #expect(
            withheld.decision
                == .redact([
                    "type": "text",
                    "file": [
                        "filePath": "[redacted:not-inspected]",
                        "content": "[redacted:not-inspected]",
                    ],
                ]))
        let record = try #require(known.bench.ledger.drafts(of: .hookCall).last)
        #expect(
            record.fields["code"] == .string(failure.rawValue) && record.fields["rules"] == [])
        let unknown = try hooks(nil, failing)
        let end = try await use(unknown, result("plain", of: Self.fetch), Self.fetch)
        #expect(end.reason == "unredactable" && stopped(unknown) == [Self.run])
        #expect(failures(unknown).last?.fields["code"] == .string(failure.rawValue))
    }

    @Test func `a search that does not end is late`() async throws {
        let (stream, ending) = AsyncStream<Void>.makeStream()
        let hooks = try hooks(
            nil,
            StubInspector { _ in
                for await _ in stream {}
                return .clean
            }, limit: .milliseconds(1))
        _ = try await use(hooks, result(file("plain")))
        let record = try #require(hooks.bench.ledger.drafts(of: .hookCall).last)
        #expect(record.fields["code"] == "late")
        ending.finish()
    }

    /// A late search keeps its texts until it has ended, so it counts for its agent until then, whatever the run.
    @Test func `late searches of one agent leave the places of others`() async throws {
        let gate = Gate()
        let results = ResultInspections(
            StubInspector { _ in
                await gate.pass()
                return .clean
            }, limit: .milliseconds(1))
        let texts = ResultTexts(.string("plain"))
        let clerk = try #require(AgentName("clerk"))
        let reader = try #require(AgentName("reader"))
        for _ in 0..<ResultInspections.mostOfAgent {
            #expect(await results.inspect(texts, of: clerk) == .failed(.late))
        }
        #expect(await results.inspect(texts, of: clerk) == .failed(.busy))
        #expect(await results.inspect(texts, of: reader) == .failed(.late))
        gate.open()
        while await results.inspect(texts, of: clerk) == .failed(.busy) { await Task.yield() }
    }

    @Test func `a result that is too large is not searched`() async throws {
        let hooks = try hooks(nil, StubInspector { _ in .clean })
        let large = String(repeating: "a", count: ResultInspections.limitBytes)
        let end = try await use(hooks, result(file(large)))
        #expect(end.reason == "redacted", "\(end)")
        let record = try #require(hooks.bench.ledger.drafts(of: .hookCall).last)
        #expect(record.fields["code"] == "too_large")
    }

    /// A call is decided although no inspection ends: none is on the way of the event before a tool.
    @Test func `nothing is inspected before a tool runs`() async throws {
        let asked = Mutex(0)
        let hooks = try hooks(
            nil,
            StubInspector { _ in
                asked.withLock { $0 += 1 }
                return .clean
            })
        try await hooks.send(HookBench.event(.sessionStart))
        try await hooks.send(HookBench.event(tool: Self.read, details: ["a": "text"]))
        #expect(asked.withLock { $0 } == 0)
        try await hooks.send(result(file("plain")))
        #expect(asked.withLock { $0 } == 1)
    }

    @Test func `a host past its hook is noticed although its result is redacted`() async throws {
        let hooks = try hooks()
        try await hooks.send(HookBench.event(.sessionStart))
        let end = try await hooks.send(result(file(Self.secret)))
        #expect(end.decision == .deny && end.reason == "hook-bypassed")
        #expect(hooks.bench.ledger.drafts(of: .hookBypassed).count == 1)
    }

    @Test func `a redaction that the log does not take withholds the result`() async throws {
        let hooks = try hooks()
        try await hooks.send(HookBench.event(.sessionStart))
        try await hooks.send(HookBench.event(tool: Self.read))
        hooks.bench.ledger.refuse(.hookCall)
        let end = try await hooks.send(result(file(Self.secret)))
        #expect(end.decision == .deny)
    }

    @Test(.requirement("R082"))
    func `a result with a mark is given as it is`() async throws {
        let hooks = try hooks(nil, .marking(Self.secret))
        let end = try await use(hooks, result(file("a \(Self.secret) b")))
        #expect(end.decision == .allow)
        #expect(failures(hooks).isEmpty && stopped(hooks).isEmpty)
    }
}
