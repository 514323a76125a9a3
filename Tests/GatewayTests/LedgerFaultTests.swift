import InterlockJSON
import InterlockLedger
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Permission requires durability: every write of the log fails once, in both ways.
@Suite struct `Ledger faults` {
    @Test(.requirement("R071"), arguments: [false, true])
    func `a call whose intent is refused is not sent`(kept: Bool) async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        bench.ledger.refuse(.callIntent, kept: kept)
        await bench.check(
            .refused(4030, "full"), records: kept ? [.callIntent] : [], sent: 0
        ) { await client.call("look") }
        bench.ledger.accept()
        await bench.check(.text("done"), sent: 1) { await client.call("look") }
    }

    @Test(.requirement("R071"), arguments: [false, true])
    func `a result whose record is refused is withheld`(kept: Bool) async throws {
        let bench = try Bench()
        bench.upstreams.answer { _ in .text("the secret answer") }
        let client = try await Client.open(bench)
        bench.ledger.refuse(
            .callOutcome, by: LedgerRefusal(code: "audit.timeout", detail: "late"), kept: kept)
        var exchange: FakeExchange?
        await bench.check(
            .refused(5020, "payload"), records: kept ? [.callIntent, .callOutcome] : [.callIntent],
            sent: 1
        ) {
            let answer = await client.call("look")
            exchange = answer
            return answer
        }
        let body = String(decoding: exchange?.now.response?.body ?? [], as: UTF8.self)
        #expect(!body.contains("secret answer"))
        #expect(body.contains(#""outcome":"executed""#))
        #expect(bench.gateway.counters.withheld.value == 1)
        #expect(bench.gateway.inFlight.count == 0)
    }

    @Test func `a result that has no room is withheld, and its call closed without it`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        bench.ledger.refuse(
            .callOutcome, by: LedgerRefusal(code: "audit.payload", detail: "no room"))
        await bench.check(
            .refused(5020, "payload"), records: [.callIntent, .callOutcome], sent: 1
        ) { await client.call("look") }
        let record = try #require(bench.ledger.drafts.last)
        #expect(record.fields["st"] == "withheld")
        #expect(record.fields["intent"] != nil)
        #expect(record.payloads.map(\.blob) == [[]])
        #expect(record.payloads.first?.commitment.stored == nil)
    }

    @Test(arguments: ["audit.full", "audit.busy", "audit.recovering", "audit.timeout"])
    func `the refusal names why and when to try again`(code: String) async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        bench.ledger.refuse(.callIntent, by: LedgerRefusal(code: code, detail: ""))
        let exchange = await client.call("look")
        let decision = exchange.message?["result"]?["_meta"]?["interlock/decision"]
        #expect(decision?["reason"]?.string == String(code.dropFirst(6)))
        #expect(decision?["ruleId"]?.string == code)
        #expect(decision?["retryAfterMs"] == 1000)
    }

    @Test func `a denial needs no room in the log`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        bench.ledger.refuse(.callIntent, .callDenied)
        await bench.check(.refused(4030, "guard-false"), records: [.callDenied]) {
            await client.call("audit")
        }
    }
}
