import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockTrust

/// The stage as the records of a log tell it (docs/specs/trust-and-review.md, sections 2, 5 and 6).
@Suite(.requirement("R123", "R124")) struct LoggedStageTests {
    /// A log with these records of stages, one microsecond apart.
    private struct Records {
        var log: TrustFixture.Log

        init() throws { log = try TrustFixture.Log() }

        mutating func promote(
            _ from: AutonomyStage, _ to: AutonomyStage, days: Int64 = 90, _ code: String? = nil
        ) throws {
            var fields: JSONObject = [
                "agent": "refunds", "from": .string(from.name), "to": .string(to.name),
                "until": .integer((TrustFixture.now + .seconds(days * 86_400)).microseconds),
            ]
            fields["code"] = code.map { .string($0) }
            try log.add("trust.promoted", fields)
        }

        mutating func demote(
            _ from: AutonomyStage, _ to: AutonomyStage, days: Int64 = 30
        ) throws {
            try log.add(
                "trust.demoted",
                [
                    "agent": "refunds", "from": .string(from.name), "to": .string(to.name),
                    "code": "kill",
                    "until": .integer((TrustFixture.now + .seconds(days * 86_400)).microseconds),
                ])
        }

        func stage(after days: Int64 = 0) -> AutonomyStage? {
            log.agent.stage.limits(
                ceiling: .full, at: TrustFixture.now + .seconds(days * 86_400 + 60)
            ).effective
        }
    }

    @Test func `promotions raise it, and it falls by time and by demotions`() throws {
        var records = try Records()
        #expect(records.stage() == .gated)
        try records.promote(.gated, .assisted)
        try records.promote(.assisted, .bounded)
        let stages = [0, 89, 90, 180, 400].map { records.stage(after: $0) }
        #expect(stages == [.bounded, .bounded, .assisted, .gated, .gated])
        try records.demote(.bounded, .gated)
        #expect(records.stage() == .gated)
        #expect(records.log.agent.stage.entries.count == 3)
        // The first record is the log's own.
        #expect(records.log.agent.stage.events.map(\.record) == [1, 2, 3])
    }

    @Test func `the length of a promotion counts from its document, as in the gateway`() throws {
        var records = try Records()
        let (date, until) = (-6 as Int64, 84 as Int64)
        func time(_ day: Int64) -> JSONValue {
            .integer((TrustFixture.now + .seconds(day * 86_400)).microseconds)
        }
        try records.log.add(
            "trust.promoted",
            [
                "agent": "refunds", "from": "assisted", "to": "bounded", "date": time(date),
                "until": time(until),
            ])
        let stages = [83, 84, 170, 174].map { records.stage(after: $0) }
        #expect(stages == [.bounded, .assisted, .assisted, .gated])
    }

    @Test func `the lowest demotion since the last promotion stays`() throws {
        var records = try Records()
        try records.promote(.gated, .assisted)
        try records.promote(.assisted, .bounded)
        try records.demote(.bounded, .gated)
        try records.demote(.bounded, .assisted)
        #expect(records.stage() == .gated)
        try records.promote(.gated, .assisted)
        #expect(records.stage() == .assisted)
    }

    @Test func `a cool-down ends by time, and by a promotion that undoes the demotion`() throws {
        var records = try Records()
        try records.promote(.gated, .assisted)
        try records.demote(.assisted, .gated, days: 14)
        try records.demote(.gated, .gated, days: 30)
        func end(after days: Int64) -> Timestamp? {
            records.log.agent.stage.cooldownEnd(
                at: TrustFixture.now + .seconds(days * 86_400))
        }
        #expect(end(after: 1) == TrustFixture.now + .seconds(30 * 86_400))
        #expect(end(after: 29) != nil && end(after: 30) == nil)
        try records.promote(.gated, .assisted)
        #expect(records.log.agent.stage.cooldownEnd(at: TrustFixture.now) == nil)
    }

    @Test func `a promotion that was not stored does not count`() throws {
        var records = try Records()
        try records.promote(.gated, .assisted)
        try records.promote(.assisted, .bounded)
        try records.promote(.assisted, .bounded, "promotion.unkept")
        #expect(records.stage() == .assisted && records.log.agent.stage.entries.count == 1)
    }

    /// The process died between the entry of the control log and the record.
    @Test func `a demotion that was stored and not recorded takes the credit too, once`() throws {
        let at = TrustFixture.now + .seconds(86_400)
        var log = try TrustFixture.Log(demotions: [TrustFixture.agent: at])
        try log.clean("before")
        try log.start("open")
        #expect(log.classes == [.clean, .open])
        log.wait(days: 2)
        try log.clean("first")
        #expect(log.classes == [.clean] && log.agent.runs.first?.run == "first")
        #expect(log.agent.lastChange?.change == .demoted && log.agent.lastChange?.time == at)
        try log.clean("second")
        #expect(log.classes == [.clean, .clean])
    }

    @Test func `a record without a stage is none`() throws {
        var records = try Records()
        try records.log.add("trust.promoted", ["agent": "refunds", "from": "gated", "to": "king"])
        try records.log.add("trust.promoted", ["agent": "clerk", "from": "gated", "to": "full"])
        try records.log.add("trust.delegated", ["agent": "refunds"])
        #expect(records.log.agent.stage.entries.isEmpty && records.stage() == .gated)
    }

    @Test func `the owner's ceiling and the policy's bound it`() throws {
        var records = try Records()
        try records.promote(.gated, .assisted)
        try records.promote(.assisted, .bounded)
        try records.log.add("trust.delegated", ["agent": "refunds", "to": "assisted"])
        #expect(records.stage() == .assisted)
        let limits = records.log.agent.stage.limits(ceiling: nil, at: TrustFixture.now)
        #expect(limits.effective == nil)
    }

    @Test func `a demotion and the lapse of time never raise it`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(300) {
            var records = try Records()
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let from = AutonomyStage.allCases.randomElement(using: &random) ?? .gated
                let to = AutonomyStage.allCases.randomElement(using: &random) ?? .gated
                let days = Int64.random(in: 1...200, using: &random)
                let before = records.stage()
                if Bool.random(using: &random) {
                    try records.promote(from, to, days: days)
                } else {
                    try records.demote(max(from, to), min(from, to), days: days)
                    let after = records.stage()
                    #expect((after ?? .full) <= (before ?? .full))
                }
            }
            var last = AutonomyStage.full
            for days in stride(from: Int64(0), to: 800, by: 20) {
                let stage = records.stage(after: days) ?? .full
                #expect(stage <= last)
                last = stage
            }
        }
    }
}
