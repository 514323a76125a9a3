import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Values that are recorded alone, such as personal data (docs/specs/output-safety.md, section 4).
@Suite(.requirement("R082")) struct MarkedValueTests {
    private static let word = "ada-at-mail"
    private static let value = "canary-value"
    private static let finder = StubInspector.finding(value)

    /// Marks a word, and finds a value.
    private static let inspector = StubInspector.atOnce { texts in
        if case .found(let findings, _, _)? = finder.inspectAtOnce(texts, bytes: 0) {
            return .found(findings)
        }
        return texts.contains { $0.contains(word) }
            ? .marked([.personal: 2, .generic: 1]) : .clean
    }

    private func bench() throws -> Bench {
        try Bench(results: Self.inspector) { $0.resultSearchLimit = .seconds(30) }
    }

    @Test func `a result is given as it came, and its record counts what was marked`() async throws
    {
        let bench = try bench()
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text("a \(Self.word)") }
        check(await client.call("look"), .text("a \(Self.word)"))
        let outcome = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(outcome.fields["st"] == "ok")
        #expect(outcome.fields["find"] == ["generic": 1, "personal": 2])
        #expect(outcome.payloads.map(\.field) == ["res"])
    }

    @Test func `marks of the copy count beside a value that was replaced`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text("\(Self.value) and \(Self.word)") }
        let text = await client.call("look").message?["result"]?["content"]?.array?.first?["text"]
        let shown = try #require(text?.string)
        #expect(shown.contains(Self.word) && !shown.contains(Self.value))
        let outcome = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(outcome.fields["find"] == ["token": 1, "generic": 1, "personal": 2])
    }

    @Test func `arguments are sent, and the intent counts what was marked`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text("done") }
        check(await client.call("look", ["text": .string(Self.word)]), .text("done"))
        let intent = try #require(bench.ledger.drafts(of: .callIntent).last)
        #expect(intent.fields["find"] == ["generic": 1, "personal": 2])
        #expect(intent.fields["scan"] != nil)
        #expect(bench.ledger.drafts(of: .callDenied).isEmpty)
        // The intent of a call without a mark has neither.
        check(await client.call("look", ["text": "plain"]), .text("done"))
        let plain = try #require(bench.ledger.drafts(of: .callIntent).last)
        #expect(plain.fields["find"] == nil && plain.fields["scan"] == nil)
    }

    @Test func `people who approve a call read the counts, and its record has them`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay", ["text": .string(Self.word)])
        let request = try await bench.request()
        #expect(request.review.facts["findings"] == ["generic": 1, "personal": 2])
        let intent = try #require(bench.ledger.drafts(of: .callIntent).last)
        #expect(intent.fields["dec"] == "approve")
        #expect(intent.fields["find"] == ["generic": 1, "personal": 2])
        _ = try await bench.vote(.deny, on: request.id, by: "rui")
        check(await call.answer(), .refused(4031, "denied"))
        // A call that has no mark has nothing to read.
        let plain = client.begin("pay", ["text": "plain"])
        let other = try await bench.request()
        #expect(other.review.facts["findings"] == nil)
        _ = try await bench.vote(.deny, on: other.id, by: "rui")
        check(await plain.answer(), .refused(4031, "denied"))
    }
}
