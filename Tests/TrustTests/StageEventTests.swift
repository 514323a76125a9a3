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
        StageEvent(try record(type, fields), at: 7, leaf: TrustFixture.digest(7))
    }

    @Test func `each kind of record is a change with its stages, end and trigger`() throws {
        let end = TrustFixture.now + .seconds(86_400)
        let until = JSONValue.integer(end.microseconds)
        let promoted = try #require(
            try event("trust.promoted", ["from": "gated", "to": "assisted", "until": until]))
        #expect(
            promoted
                == StageEvent(
                    .promoted, at: TrustFixture.now, record: 7, leaf: TrustFixture.digest(7),
                    from: .gated, to: .assisted, until: end))
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

    @Test func `a document that could not be kept is listed once, as one that does not act`() throws
    {
        var stage = LoggedStage()
        func add(_ type: String, _ fields: JSONObject, _ index: UInt64) throws -> Bool {
            stage.add(try record(type, fields), at: index, leaf: TrustFixture.digest(index)) != nil
        }
        let fields: JSONObject = ["from": "gated", "to": "assisted", "until": 9]
        var unkept = fields
        unkept["code"] = "promotion.unkept"
        let acts = [
            try add("trust.promoted", fields, 1), try add("trust.delegated", ["to": "full"], 2),
            try add("trust.promoted", unkept, 3),
        ]
        #expect(acts == [true, true, false])
        #expect(stage.events.map(\.record) == [2, 3] && stage.entries.map(\.record) == [2])
        let again = try add("trust.promoted", fields, 4)
        #expect(again && stage.events.map(\.isKept) == [true, false, true])
        #expect(stage.promotion?.record == 4)
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
