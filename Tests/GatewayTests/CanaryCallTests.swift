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

/// Canaries in calls (docs/specs/output-safety.md, section 4): in arguments they deny the call and stop the run, in results
/// they are replaced.
@Suite(.requirement("R082")) struct CanaryCallTests {
    private static let secret = "canary-value"

    private func alerts(_ bench: Bench, _ code: String) -> [RecordDraft] {
        bench.ledger.drafts(of: .alarmRaised).filter { $0.fields["code"] == .string(code) }
    }

    @Test func `a canary in arguments denies the call, alerts people once and stops the run`()
        async throws
    {
        let ladder = SentSecrets()
        let bench = try Bench(ladder: ladder, results: StubInspector.finding(Self.secret, .canary))
        let client = try await Client.open(bench)
        for _ in 0..<2 {
            check(
                await client.call("look", ["text": .string("is \(Self.secret)")]),
                .refused(4030, "canary"))
        }
        #expect(bench.upstreams.sent.isEmpty)
        let record = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(record.fields["code"] == "safety.canary" && record.fields["find"] == ["canary": 1])
        let again = try RecordedDecision(parsing: try #require(record.plaintext("in")))
            .decide(["text": .string("is \(Self.secret)")], under: bench.policy)
        #expect(again.reason == .canary)
        let alarm = try #require(alerts(bench, "call.canary").first)
        #expect(alerts(bench, "call.canary").count == 1 && alerts(bench, "call.blocked").isEmpty)
        #expect(alarm.fields["cny"] == "decoy" && alarm.fields["call"] != nil)
        let run = NameAuthenticator.run(of: "clerk")
        #expect(ladder.all.map(\.run) == [run, run] && ladder.all.allSatisfy(\.isCanary))
    }

    /// A call that no rule grants is denied for that, and the canary is in it all the same.
    @Test func `a canary in a call that nothing grants alerts people and stops the run too`()
        async throws
    {
        let ladder = SentSecrets()
        let bench = try Bench(ladder: ladder, results: StubInspector.finding(Self.secret, .canary))
        let client = try await Client.open(bench)
        check(await client.call("secret", ["text": .string(Self.secret)]), .error(-32602))
        #expect(alerts(bench, "call.canary").count == 1 && ladder.all.count == 1)
    }

    @Test func `a value of the broker in arguments stops the run as well, and a token does not`()
        async throws
    {
        for (secretClass, stops) in [(SecretClass.brokered, 1), (.token, 0), (.privateKey, 0)] {
            let ladder = SentSecrets()
            let bench = try Bench(
                ladder: ladder, results: StubInspector.finding(Self.secret, secretClass))
            let client = try await Client.open(bench)
            _ = await client.call("look", ["text": .string(Self.secret)])
            #expect(ladder.all.count == stops, "\(secretClass)")
            #expect(ladder.all.allSatisfy { !$0.isCanary })
        }
    }

    /// A name of a user in the folder of secrets is in other text, too.
    @Test(arguments: [[false], [false, true], [true, false]])
    func `a value that other text may have denies the call, and stops no run alone`(
        distinct: [Bool]
    ) async throws {
        let rule = try #require(RuleID("brokered-value"))
        let ladder = SentSecrets()
        let bench = try Bench(
            ladder: ladder,
            results: StubInspector.atOnce { texts in
                guard let index = texts.firstIndex(where: { $0.contains("postgres") }) else {
                    return .clean
                }
                return .found(
                    distinct.enumerated().map { place, isDistinct in
                        ResultFinding(
                            rule: rule, secretClass: .brokered,
                            extent: .part(text: index, bytes: place..<place + 1),
                            isDistinct: isDistinct)
                    })
            })
        let client = try await Client.open(bench)
        check(
            await client.call("look", ["text": "postgres"]), .refused(4030, "brokered-value"))
        #expect(bench.upstreams.sent.isEmpty && alerts(bench, "call.brokered_value").count == 1)
        #expect(ladder.all.count == (distinct.contains(true) ? 1 : 0))
    }

    @Test func `a canary in a result is replaced, alerts people and stops no run`() async throws {
        let ladder = SentSecrets()
        let bench = try Bench(ladder: ladder, results: StubInspector.finding(Self.secret, .canary))
        bench.upstreams.answer { _ in .text("it is \(Self.secret)") }
        let client = try await Client.open(bench)
        for _ in 0..<2 { _ = await client.call("look") }
        let record = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(record.fields["find"] == ["canary": 1] && record.fields["st"] == "ok")
        #expect(alerts(bench, "result.canary").count == 1 && alerts(bench, "call.canary").isEmpty)
        #expect(ladder.all.isEmpty)
        bench.clock.advance(.seconds(60))
        _ = await client.call("look")
        #expect(alerts(bench, "result.canary").last?.fields["cnt"] == 2)
    }
}
