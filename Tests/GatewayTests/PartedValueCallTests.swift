import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Canaries and values of the broker that leave in pieces over several calls of a run (docs/specs/output-safety.md,
/// section 4, item 1).
@Suite(.requirement("R082")) struct PartedValueCallTests {
    private static let value = "tok4Qz9LmX2vR7bTn1Kc8WdY5hJp3GsF6uAe0iZo"

    /// Finds no whole value, and the parts of one.
    private func inspector(planted: Bool) throws -> StubInspector {
        var values = BrokeredValues(key: (1, 2))
        let bytes = Array(Self.value.utf8)
        let name = try #require(PlantedValueName("decoy"))
        let isAdded =
            planted ? values.add(PlantedValue(name: name, bytes: bytes)) : values.add(bytes)
        #expect(isAdded)
        var stub = StubInspector.clean
        stub.found = { [stretches = values.stretches] texts in
            let bytes = Array(texts.joined(separator: "\n").utf8)
            return stretches.parts(in: bytes.span)
        }
        return stub
    }

    private func text(_ range: Range<Int>) -> String {
        "a " + String(decoding: Array(Self.value.utf8)[range], as: UTF8.self) + " b"
    }
    private func piece(_ range: Range<Int>) -> JSONValue { .string(text(range)) }

    private func alerts(_ bench: Bench, _ code: String) -> Int {
        bench.ledger.drafts(of: .alarmRaised).count { $0.fields["code"] == .string(code) }
    }

    @Test(arguments: [true, false])
    func `the call with which half of a value would be sent is denied, and each further piece`(
        planted: Bool
    ) async throws {
        let ladder = SentSecrets()
        let bench = try Bench(ladder: ladder, results: try inspector(planted: planted))
        let client = try await Client.open(bench)
        _ = await client.call("look", ["text": piece(0..<10)])
        // The same piece again is no further one.
        _ = await client.call("look", ["text": piece(0..<10)])
        #expect(bench.upstreams.sent.count == 2)
        let reason = planted ? "canary" : "brokered-value"
        for range in [12..<24, 30..<40, 0..<10] {
            check(await client.call("look", ["text": piece(range)]), .refused(4030, reason))
        }
        #expect(bench.upstreams.sent.count == 2)
        _ = await client.call("look", ["text": "nothing"])
        #expect(bench.upstreams.sent.count == 3)
        let record = try #require(bench.ledger.drafts(of: .callDenied).last)
        let found: JSONValue = planted ? ["canary": 1] : ["brokered": 1]
        #expect(record.fields["find"] == found)
        #expect(alerts(bench, planted ? "call.canary" : "call.brokered_value") == 1)
        // A value of the broker may have a name in it that is no secret.
        #expect(ladder.all.count == (planted ? 3 : 0))
    }

    @Test func `pieces in one call count together`() async throws {
        let bench = try Bench(results: try inspector(planted: false))
        let client = try await Client.open(bench)
        let both = JSONValue.string(text(0..<12) + text(20..<32))
        check(await client.call("look", ["text": both]), .refused(4030, "brokered-value"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `a call whose parts of values are not known is not sent`() async throws {
        var stub = StubInspector.clean
        stub.found = { _ in nil }
        let bench = try Bench(results: stub)
        let client = try await Client.open(bench)
        check(await client.call("look", ["text": "a"]), .refused(4030, "scan-failed"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `requests of a run's egress and calls count together`() async throws {
        let bench = try Bench(results: try inspector(planted: true))
        let client = try await Client.open(bench)
        _ = await client.call("look", ["text": piece(0..<16)])
        let run = try #require(bench.gateway.runs.known(NameAuthenticator.run(of: "clerk")))
        let line = "GET /?q=" + text(20..<32)
        guard case .found = await bench.gateway.search(connection: [line], of: run) else {
            Issue.record("nothing is found")
            return
        }
    }

    @Test func `long arguments are searched for parts, too`() async throws {
        let bench = try Bench(results: try inspector(planted: false))
        let client = try await Client.open(bench)
        let long = String(repeating: "word ", count: 20_000)
        let all = JSONValue.string("\(long)\(text(0..<30))\(long)")
        check(await client.call("look", ["text": all]), .refused(4030, "brokered-value"))
    }

    @Test func `a run that has ended leaves nothing behind`() async throws {
        let bench = try Bench(results: try inspector(planted: false))
        let client = try await Client.open(bench)
        _ = await client.call("look", ["text": piece(0..<16)])
        bench.gateway.runs.forget(NameAuthenticator.run(of: "clerk"))
        _ = await client.call("look", ["text": piece(20..<32)])
        #expect(bench.upstreams.sent.count == 2)
    }
}
