import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The bounds of the search of what servers answer (decision 0124).
@Suite(.requirement("R082")) struct AnswerSearchLimitTests {
    private func code(_ bench: Bench) throws -> JSONValue? {
        try #require(bench.ledger.drafts(of: .callOutcome).last).fields["code"]
    }

    @Test func `more bytes than are searched are withheld without a search`() async throws {
        let searches = Mutex(0)
        let bench = try Bench(
            results: StubInspector { _ in
                searches.withLock { $0 += 1 }
                return .clean
            })
        let client = try await Client.open(bench)
        let text = JSONValue.string(String(repeating: "a", count: CallPipeline.longestSearch))
        bench.upstreams.answer { _ in
            .result(["content": [["type": "text", "text": text]]], bytes: [])
        }
        check(await client.call("look"), .refused(5020, "result-too-large"))
        #expect(try code(bench) == "safety.scan_too_large")
        #expect(searches.withLock { $0 } == 0)
    }

    /// A late search keeps its texts until it has ended, so it counts until then.
    @Test func `late searches of one agent leave the places of others`() async throws {
        let gate = Gate()
        let bench = try Bench(
            results: StubInspector { _ in
                await gate.pass()
                return .clean
            }
        ) { $0.resultSearchLimit = .milliseconds(1) }
        bench.upstreams.answer { _ in .text("plain") }
        let client = try await Client.open(bench)
        let reader = try await Client.open(bench, as: "reader")
        for _ in 1...AdmissionLimiters.mostSearches {
            check(await client.call("look"), .refused(5020, "scan-failed"))
            #expect(try code(bench) == "safety.scan_late")
        }
        check(await client.call("look"), .refused(5020, "scan-failed"))
        #expect(try code(bench) == "safety.scan_busy")
        check(await reader.call("look"), .refused(5020, "scan-failed"))
        #expect(try code(bench) == "safety.scan_late")
        gate.open()
        while bench.gateway.admission.searches.count > 0 { await Task.yield() }
    }

    @Test func `a finding that is not within its text withholds the result`() async throws {
        let inspector = StubInspector.atOnce { texts in
            guard let rule = RuleID("canary-rule"), let index = texts.firstIndex(of: "plain")
            else { return .clean }
            return .found([
                ResultFinding(
                    rule: rule, secretClass: .token, extent: .part(text: index, bytes: 3..<6))
            ])
        }
        let bench = try Bench(results: inspector)
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text("plain") }
        check(await client.call("look"), .refused(5020, "result-withheld"))
        #expect(try code(bench) == "safety.result_withheld")
    }
}
