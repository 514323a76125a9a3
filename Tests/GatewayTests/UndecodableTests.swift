import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// Texts with something encoded that was not decoded (docs/specs/output-safety.md, sections 3 and 4).
@Suite(.requirement("R082")) struct UndecodableTests {
    private static let word = "encoded-thrice"

    /// Decodes everything but texts with a word.
    private static let inspector = StubInspector.atOnce { texts in
        texts.contains { $0.contains(word) } ? .undecodable : .clean
    }

    private static let value = "canary-value"
    private static let finder = StubInspector.finding(value)

    /// Finds a value, too.
    private static let both = StubInspector.atOnce { texts in
        let isUndecodable = texts.contains { $0.contains(word) }
        guard case .found(let findings, _, _)? = finder.inspectAtOnce(texts, bytes: 0) else {
            return isUndecodable ? .undecodable : .clean
        }
        return .found(findings, isUndecodable: isUndecodable)
    }

    private func bench(_ inspector: StubInspector = UndecodableTests.inspector) throws -> Bench {
        try Bench(results: inspector) { $0.resultSearchLimit = .seconds(30) }
    }

    @Test func `a result is given, and its record counts what was not decoded`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text("a \(Self.word)") }
        check(await client.call("look"), .text("a \(Self.word)"))
        let outcome = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(outcome.fields["st"] == "ok" && outcome.fields["find"] == ["undecodable": 1])
        #expect(outcome.payloads.map(\.field) == ["res"])
    }

    @Test func `what was not decoded counts with a value that is replaced, too`() async throws {
        let bench = try bench(Self.both)
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text("\(Self.value) and \(Self.word)") }
        let text = await client.call("look").message?["result"]?["content"]?.array?.first?["text"]
        let shown = try #require(text?.string)
        #expect(shown.contains(Self.word) && !shown.contains(Self.value))
        let outcome = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(outcome.fields["st"] == "ok")
        #expect(outcome.fields["find"] == ["token": 1, "undecodable": 1])
    }

    @Test func `what was not decoded counts with a value that denies a call, too`() async throws {
        let bench = try bench(Self.both)
        let client = try await Client.open(bench)
        check(
            await client.call("look", ["text": .string("\(Self.value) and \(Self.word)")]),
            .refused(4030, "secret-in-arguments"))
        let record = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(record.fields["find"] == ["token": 1, "undecodable": 1])
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `a call that changes something is denied, and people are not asked`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        check(
            await client.call("pay", ["text": .string(Self.word)]), .refused(4030, "undecodable"))
        let record = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(record.fields["code"] == "safety.undecodable")
        #expect(record.fields["find"] == ["undecodable": 1])
        #expect(bench.ledger.drafts(of: .approvalRequested).isEmpty)
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `a call that only reads is sent`() async throws {
        let bench = try bench()
        bench.upstreams.answer { _ in .text("plain") }
        let client = try await Client.open(bench)
        check(await client.call("look", ["text": .string(Self.word)]), .text("plain"))
        #expect(bench.upstreams.sent.count == 1)
    }

    @Test func `a host's own tools are not denied for it`() async throws {
        // A write, which is more than a read, at a stage at which people are not asked.
        let hooks = try HookBench(stage: 3, arguments: Self.inspector)
        let tool = HookBench.tool(.write, ["file_path": .string("/workspace/" + Self.word)])
        #expect(try await hooks.send(HookBench.event(tool: tool)).decision == .allow)
    }
}
