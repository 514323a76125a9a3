import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockTrust

/// The changes of stages as pages list them.
@Suite(.requirement("R123")) struct StageEventTests {
    private func record(_ type: String, _ fields: JSONObject) throws -> StoredRecord {
        var object: JSONObject = [
            "v": 1, "t": .string(type), "ts": .integer(TrustFixture.now.microseconds),
            "node": "gw1", "agent": .string(TrustFixture.agent.text),
        ]
        for (name, value) in fields.members { object[name] = value }
        return try StoredRecord(parsing: try JSONValue.object(object).canonical())
    }

    private func event(_ type: String, _ fields: JSONObject) throws -> StageEvent? {
        StageEvent(try record(type, fields), at: 7)
    }

    @Test func `each kind of record is a change with its stages, end and trigger`() throws {
        let end = TrustFixture.now + .seconds(86_400)
        let until = JSONValue.integer(end.microseconds)
        let promoted = try #require(
            try event("trust.promoted", ["from": "gated", "to": "assisted", "until": until]))
        #expect(
            promoted
                == StageEvent(
                    .promoted, at: TrustFixture.now, record: 7, from: .gated, to: .assisted,
                    until: end))
        let again = try event(
            "trust.promoted", ["from": "bounded", "to": "bounded", "until": until])
        #expect(again?.kind == .attested && again?.isKept == true)
        let demoted = try event(
            "trust.demoted",
            ["from": "full", "to": "gated", "code": "canary", "until": until])
        #expect(demoted?.kind == .demoted && demoted?.trigger == .canary && demoted?.isKept == true)
        let ceiling = try event("trust.delegated", ["to": "bounded"])
        #expect(ceiling?.kind == .delegated && ceiling?.from == nil && ceiling?.to == .bounded)
    }

    @Test func `a record of a demotion is read whole, or not at all`() throws {
        let end = TrustFixture.now + .seconds(86_400)
        let cause = TrustFixture.digest(9)
        let fields: JSONObject = [
            "from": "full", "to": "bounded", "code": "denials",
            "until": .integer(end.microseconds), "h": .string(cause.base64),
        ]
        let logged = try #require(LoggedDemotion(try record("trust.demoted", fields)))
        #expect(logged.agent == TrustFixture.agent)
        let demotion = logged.demotion
        #expect(demotion.trigger == .denials && demotion.cause == cause)
        #expect(demotion.from == .full && demotion.to == .bounded)
        #expect(demotion.at == TrustFixture.now && demotion.cooldownEnd == end)
        #expect(try StageDemotion(.object(demotion.json)) == demotion)
        let bad: [(String, JSONValue)] = [
            ("from", "gated"), ("to", "best"), ("code", "mood"), ("until", "soon"), ("h", "x"),
            ("agent", "no agent"),
        ]
        for (name, value) in bad {
            var changed = fields
            changed[name] = value
            #expect(LoggedDemotion(try record("trust.demoted", changed)) == nil, "\(name)")
        }
        #expect(LoggedDemotion(try record("trust.promoted", fields)) == nil)
    }

    @Test func `a statement that could not be kept does not act, and says so`() throws {
        let unkept = try event(
            "trust.promoted", ["from": "gated", "to": "assisted", "code": "promotion.unkept"])
        #expect(unkept?.isKept == false && unkept?.trigger == nil)
    }

    @Test(
        arguments: [
            ("call.denied", ["to": "gated"]), ("trust.promoted", ["to": "highest"]),
            ("trust.promoted", ["from": "gated"]), ("trust.later", ["to": "gated"]),
        ] as [(String, JSONObject)])
    func `another record is no change`(_ type: String, _ fields: JSONObject) throws {
        #expect(try event(type, fields) == nil)
    }

    @Test func `the newest changes of each agent are kept, the newest first`() throws {
        var events = StageEvents()
        for index in 0..<(UInt64(StageEvents.most) + 3) {
            events.add(try record("trust.delegated", ["to": "full"]), at: index)
        }
        let all = events[TrustFixture.agent]
        #expect(all.count == StageEvents.most)
        #expect(all.first?.record == UInt64(StageEvents.most) + 2 && all.last?.record == 3)
        #expect(events[AgentName("other").unwrapped].isEmpty)
    }

    @Test func `a document that could not be kept is listed once, as one that does not act`() throws
    {
        var events = StageEvents()
        let fields: JSONObject = ["from": "gated", "to": "assisted", "until": 9]
        var unkept = fields
        unkept["code"] = "promotion.unkept"
        events.add(try record("trust.promoted", fields), at: 1)
        events.add(try record("trust.delegated", ["to": "full"]), at: 2)
        events.add(try record("trust.promoted", unkept), at: 3)
        #expect(events[TrustFixture.agent].map(\.record) == [3, 2])
        #expect(events[TrustFixture.agent].map(\.isKept) == [false, true])
        events.add(try record("trust.promoted", fields), at: 4)
        #expect(events[TrustFixture.agent].map(\.isKept) == [true, false, true])
    }

    @Test func `every reason is a sentence that names its stage or time`() {
        let end = TrustFixture.now
        let demotion = StageDemotion(.kill, from: .full, at: end, under: .standard)
        let reasons: [StageStatus.Reason] = [
            .observed, .ceiling(.assisted), .delegation(.bounded), .delegationEnded, .noPromotion,
            .noCriteria, .promotionUnsigned, .promoted(.full, until: end), .expired(.full, at: end),
            .demoted(demotion),
        ]
        let texts = reasons.map(\.text)
        #expect(Set(texts).count == reasons.count && texts.allSatisfy { !$0.hasSuffix(".") })
        #expect(texts[1].contains("1 assisted") && texts[7].contains("2026-11-29T12:00:00Z"))
        #expect(texts[9].contains("0 gated") && texts[9].contains("kill switch"))
    }
}
