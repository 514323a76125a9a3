import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockTrust

/// Causes of denials, exceptions, models, skills and stages in the log (docs/specs/trust-and-review.md, sections 4 to 6).
@Suite(.requirement("R124", "R128")) struct StatedCauseTests {
    private static let person = "qAtvNSliVAlAcLHGLhmnpA=="
    private static let year = Int64(366) * 86_400_000_000

    private func classified(_ denial: Digest, as cause: String) -> JSONObject {
        [
            "agent": .string(TrustFixture.agent.text), "h": .string(denial.base64),
            "as": .string(cause), "by": .string(Self.person),
        ]
    }

    private func count(_ log: TrustFixture.Log) -> TrustCount {
        TrustCount(
            log.agent.runs, denialsOutsideRuns: log.agent.denialsOutsideRuns,
            classified: log.agent.causes, under: .standard)
    }

    /// A run with a call and a denial.
    private func denied(_ run: String, _ log: inout TrustFixture.Log) throws -> Digest {
        try log.start(run)
        let denial = try log.add(
            "call.denied", ["run": .string(run), "code": "policy.forbid", "tl": 1])
        try log.call(run)
        try log.end(run)
        return denial
    }

    @Test func `the latest cause of a denial counts`() throws {
        var log = try TrustFixture.Log()
        let denial = try denied("r1", &log)
        #expect(count(log).bad == 1 && count(log).clean == 0)
        for (cause, bad) in [("attack", 0), ("agent", 1), ("policy", 0)] {
            try log.add("trust.classified", classified(denial, as: cause))
            #expect(count(log).bad == bad && count(log).clean == 1 - bad, "\(cause)")
        }
        let stated = log.agent.classifications[denial]
        #expect(stated?.cause == .policy && stated?.by == Self.person)
    }

    @Test func `a cause that is none, or of another agent, changes nothing`() throws {
        var log = try TrustFixture.Log()
        let denial = try denied("r1", &log)
        try log.add("trust.classified", classified(denial, as: "weather"))
        var other = classified(denial, as: "attack")
        other["agent"] = "clerk"
        try log.add("trust.classified", other)
        var nameless = classified(denial, as: "attack")
        nameless["by"] = nil
        try log.add("trust.classified", nameless)
        #expect(log.agent.classifications.isEmpty && count(log).bad == 1)
    }

    /// Its first denial is that of all of them, and the arguments of the others were not looked at.
    @Test func `one cause does not excuse a run without a start that was denied again`() throws {
        for denials in 1...2 {
            var log = try TrustFixture.Log()
            let all = try (0..<denials).map { _ in
                try log.add(
                    "call.denied", ["run": "r7", "agent": "refunds", "code": "policy.forbid"])
            }
            try log.add("trust.classified", classified(all[0], as: "attack"))
            #expect(log.agent.causes.count == (denials == 1 ? 1 : 0))
            #expect(log.agent.denialsOutsideRuns == [all[0]])
        }
    }

    @Test func `a wave of attacks raises an alarm too`() throws {
        var log = try TrustFixture.Log()
        for number in 1...4 {
            let denial = try denied("r\(number)", &log)
            try log.add("trust.classified", classified(denial, as: "attack"))
        }
        #expect(count(log).bad == 0 && count(log).clean == 4)
        #expect(log.agent.denialAlarmCount == 1 && log.agent.denialAlarms.count == 1)
        #expect(log.agent.cusum.sum == 0)
    }

    @Test func `a run is added to the sum once, and not if it is not counted`() throws {
        var log = try TrustFixture.Log()
        try log.start("r1")
        for _ in 0..<5 {
            try log.add("call.denied", ["run": "r1", "code": "policy.forbid"])
        }
        #expect(log.agent.cusum.sum == 2_500)
        try log.clean("r2")
        #expect(log.agent.cusum.sum == 1_667)
        try log.start("r3", ["kind": "eval"])
        try log.add("call.denied", ["run": "r3", "code": "policy.forbid"])
        try log.start("r4")
        try log.end("r4")
        try log.add("call.denied", ["run": "r5", "agent": "refunds", "code": "policy.observe"])
        #expect(log.agent.cusum.sum == 1_667)
    }

    @Test func `runs under an exception are not counted, and it ends`() throws {
        var log = try TrustFixture.Log()
        let end = TrustFixture.now.microseconds + 86_400_000_000
        try log.start("r1")
        try log.add("eval.excepted", ["agent": "refunds", "until": .integer(end)])
        try log.clean("r2")
        log.wait(days: 2)
        try log.clean("r3")
        #expect(log.classes == [.notCounted, .notCounted, .clean])
        #expect(log.agent.runs[1].exclusions == [.exception])
    }

    @Test func `an exception that was not stored is in force no longer`() throws {
        var log = try TrustFixture.Log()
        let end = TrustFixture.now.microseconds + 86_400_000_000
        try log.add("eval.excepted", ["agent": "refunds", "until": .integer(end)])
        try log.add(
            "eval.excepted",
            ["agent": "refunds", "until": .integer(end), "code": "exception.unkept"])
        try log.clean("r1")
        #expect(log.classes == [.clean])
    }

    @Test func `an exception takes nothing away that was on record before`() throws {
        var log = try TrustFixture.Log()
        try log.start("r1")
        try log.add("call.denied", ["run": "r1", "code": "policy.forbid"])
        let end = TrustFixture.now.microseconds + 86_400_000_000
        try log.add("eval.excepted", ["agent": "refunds", "until": .integer(end)])
        #expect(log.classes == [.bad])
    }

    @Test func `another model resets, and a helper model does not`() throws {
        var log = try TrustFixture.Log()
        for (number, model) in ["a", "a", "b"].enumerated() {
            let run = "r\(number)"
            try log.start(run)
            for asked in [model, "helper"] {
                try log.add(
                    "net.connect",
                    ["run": .string(run), "acc": "model", "model": .string(asked)])
            }
            try log.call(run)
            try log.end(run)
            if number == 1 { #expect(log.classes == [.clean, .clean]) }
        }
        // The run that shows the change began before it.
        #expect(log.classes == [.notCounted] && log.agent.lastChange?.change == .model)
    }

    @Test func `a session that goes on with another model resets`() throws {
        var log = try TrustFixture.Log()
        try log.start("r1")
        try log.add("hook.session", ["run": "r1", "model": "a"])
        try log.add("hook.session", ["run": "r1", "model": "c", "sub": "s1"])
        #expect(log.agent.lastChange == nil)
        try log.add("hook.session", ["run": "r1", "model": "b"])
        #expect(log.agent.lastChange?.change == .model)
    }

    @Test func `a change of skills alone halves, any other change of files resets`() throws {
        for change in [FingerprintChange.skills, .prompt, .files] {
            var log = try TrustFixture.Log()
            log.source.filesAnswer = change
            for number in 1...2 {
                let run = "r\(number)"
                try log.start(
                    run, ["fp": .string(TrustFixture.digest(UInt64(number)).base64)])
                try log.call(run)
                try log.end(run)
            }
            #expect(log.agent.lastChange?.change == change)
            #expect(log.agent.runs.count == (change == .skills ? 2 : 1))
            #expect(log.agent.runs[0].halvings == (change == .skills ? 1 : 0))
        }
    }

    /// The files of a run outside a sandbox are not known.
    @Test func `files that are not known are a change of files`() throws {
        var log = try TrustFixture.Log()
        log.source.filesAnswer = .skills
        try log.start("r1", ["fp": .string(TrustFixture.digest(1).base64)])
        try log.start("r2")
        #expect(log.agent.lastChange?.change == .files)
    }

    @Test func `a demotion takes the credit, and begins another sum`() throws {
        var log = try TrustFixture.Log()
        _ = try denied("r1", &log)
        try log.clean("r2")
        #expect(log.agent.cusum.sum > 0)
        let until = TrustFixture.now.microseconds + Self.year
        try log.add(
            "trust.demoted",
            [
                "agent": "refunds", "from": "bounded", "to": "assisted", "code": "denials",
                "until": .integer(until),
            ])
        #expect(log.agent.runs.isEmpty && log.agent.cusum.sum == 0)
        #expect(log.agent.lastChange?.change == .demoted)
        #expect(log.agent.cusum == DenialCusum(at: .assisted, under: .standard))
    }

    @Test func `a demotion that people consider undoing takes no credit, and an earlier one does`()
        throws
    {
        let agent = TrustFixture.agent
        let demotion: JSONObject = [
            "agent": "refunds", "from": "assisted", "to": "gated", "code": "kill",
            "until": .integer(TrustFixture.now.microseconds + Self.year),
        ]
        let since = TrustFixture.now + .seconds(86_400)
        for (days, runs) in [(Int64(2), 1), (0, 0)] {
            var log = try TrustFixture.Log(undone: [agent: since])
            try log.clean("r1")
            log.wait(days: days)
            try log.add("trust.demoted", demotion)
            #expect(log.agent.runs.count == runs, "\(days) days later")
        }
        // The same for a demotion that only the control log has.
        for (at, runs) in [(since + .seconds(1), 1), (since, 0)] {
            var log = try TrustFixture.Log(demotions: [agent: at], undone: [agent: since])
            try log.clean("r1")
            log.wait(days: 2)
            try log.clean("r2")
            #expect(log.agent.runs.count == runs + 1)
        }
    }
}
