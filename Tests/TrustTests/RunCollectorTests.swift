import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockTrust

/// Runs as the records of a log show them (docs/specs/trust-and-review.md, section 4).
@Suite(.requirement("R124", "R128")) struct RunCollectorTests {
    private static let billing = ServerName("billing").unwrapped

    private static func lock(_ server: String, _ state: String, _ lock: UInt64) -> JSONObject {
        [
            "srv": .string(server), "st": .string(state),
            "lock": .string(TrustFixture.digest(lock).base64),
        ]
    }

    /// The runClass of a run, with a step between its call and its end.
    private func runClass(
        _ step: (inout TrustFixture.Log) throws -> Void = { _ in }
    ) throws -> RunClass {
        var log = try TrustFixture.Log()
        try log.start("r1")
        try log.call("r1")
        try step(&log)
        try log.end("r1")
        return log.classes[0]
    }

    @Test func `a run with a call and a right count of records is clean`() throws {
        var log = try TrustFixture.Log()
        try log.clean("r1")
        let run = log.agent.runs[0]
        #expect(run.runClass() == .clean && run.template?.text == "visit")
        #expect(run.day == TrustFixture.now.day.daysSince1970)
        #expect(run.start == log.hashes[1] && run.end == log.hashes[4])
        let found = try runClass()
        #expect(found == .clean)
    }

    @Test func `runs of other agents, and records of unknown runs, change nothing`() throws {
        var log = try TrustFixture.Log()
        try log.add("run.start", ["run": "r9", "agent": "clerk"])
        try log.add("call.denied", ["run": "r9", "code": "policy.forbid"])
        try log.add("run.end", ["run": "r8", "cnt": 4])
        #expect(log.agent.runs.isEmpty && log.agent.denialsOutsideRuns.isEmpty)
    }

    @Test func `each bad thing on record makes a run bad`() throws {
        let steps: [(String, JSONObject)] = [
            ("call.denied", ["code": "policy.forbid"]), ("response.throttle", ["code": "cycle"]),
            ("response.pause", ["code": "cycle"]), ("hook.bypassed", ["code": "denied"]),
            ("call.unknown", ["why": "crash"]),
        ]
        for (type, fields) in steps {
            let found = try runClass { log in
                var object = fields
                object["run"] = "r1"
                if type == "call.unknown" {
                    object["intent"] = .string(TrustFixture.digest(3).base64)
                }
                try log.add(type, object)
            }
            #expect(found == .bad, "\(type)")
        }
    }

    @Test func `a halt of the run or its agent makes it bad, another one does not`() throws {
        let steps: [(String, JSONObject, RunClass)] = [
            ("kill.requested", ["scope": "agent", "target": "refunds"], .bad),
            ("kill.requested", ["scope": "run", "target": "r1"], .bad),
            ("kill.requested", ["scope": "agent", "target": "clerk"], .clean),
            ("kill.requested", ["scope": "org", "target": "acme"], .clean),
            ("hook.silent", ["ofrun": "r1"], .bad),
            ("response.pause", ["run": "r1", "code": "person"], .clean),
        ]
        for (type, fields, expected) in steps {
            let found = try runClass { log in try log.add(type, fields) }
            #expect(found == expected, "\(type) \(fields)")
        }
    }

    @Test func `a missing record, or one too many, makes a run bad`() throws {
        var log = try TrustFixture.Log()
        try log.start("r1")
        try log.call("r1")
        try log.add("run.end", ["run": "r1", "cnt": 5])
        #expect(log.classes == [.bad])
        #expect(log.agent.runs[0].flaws.map(\.kind) == [.recordCount])
    }

    @Test func `an outcome that is known in the end takes the flaw back`() throws {
        for late in [true, false] {
            var log = try TrustFixture.Log()
            try log.start("r1")
            try log.call("r1")
            let intent = try log.add("call.intent", ["run": "r1"])
            let about: JSONObject = ["run": "r1", "intent": .string(intent.base64)]
            try log.add("call.unknown", about)
            #expect(log.classes == [.bad])
            if late {
                var fields = about
                fields["late"] = true
                fields["st"] = "ok"
                try log.add("call.outcome", fields)
            } else {
                let check: JSONObject = [
                    "ofrun": "r1", "intent": .string(intent.base64), "as": "still_unknown",
                ]
                try log.add("outcome.checked", check)
                #expect(log.classes == [.bad])
                var ran = check
                ran["as"] = "ran"
                try log.add("outcome.checked", ran)
            }
            try log.end("r1")
            #expect(log.classes == [.clean])
        }
    }

    @Test func `requests for approval are granted by the last vote, and rejected by one`() throws {
        var log = try TrustFixture.Log()
        try log.start("r1")
        try log.add("approval.requested", ["run": "r1", "appr": "a1", "need": 2])
        try log.add("approval.granted", ["run": "r1", "appr": "a1", "i": 1])
        #expect(log.agent.runs[0].granted == 0)
        try log.add("approval.granted", ["run": "r1", "appr": "a1", "i": 2])
        #expect(log.agent.runs[0].granted == 1)
        try log.add("approval.granted", ["run": "r1", "appr": "a1", "i": 2])
        #expect(log.agent.runs[0].granted == 1)
        try log.add("approval.requested", ["run": "r1", "appr": "a3", "need": 1])
        try log.add("approval.granted", ["run": "r1", "appr": "a3", "i": 1, "via": "client"])
        #expect(log.agent.runs[0].granted == 1)
        try log.add("approval.requested", ["run": "r1", "appr": "a2", "need": 1])
        let no = try log.add("approval.denied", ["run": "r1", "appr": "a2", "code": "too-much"])
        #expect(log.agent.runs[0].rejections == [no] && log.classes == [.bad])
    }

    @Test func `eval runs, break-glass and observe are not counted`() throws {
        var log = try TrustFixture.Log()
        try log.start("r1", ["kind": "eval"])
        try log.start("r2")
        try log.add("call.denied", ["run": "r2", "code": "policy.observe"])
        try log.start("r3")
        try log.add("approval.breakglass", ["run": "r3", "appr": "a1"])
        #expect(log.classes == [.notCounted, .notCounted, .notCounted])
        try log.add("call.denied", ["agent": "refunds", "code": "policy.observe", "cnt": 3])
        #expect(log.agent.denialsOutsideRuns.isEmpty)
        let denial = try log.add(
            "call.denied", ["agent": "refunds", "code": "limits.calls", "cnt": 3])
        #expect(log.agent.denialsOutsideRuns == [denial])
    }

    /// Neither stage observe nor break-glass takes away what is on record before it; an eval provokes denials.
    @Test func `a run that is bad stays so when it is excluded later`() throws {
        let later: [(String, JSONObject)] = [
            ("call.denied", ["code": "policy.observe"]),
            ("approval.breakglass", ["appr": "a1"]),
        ]
        for (type, fields) in later {
            for isBad in [true, false] {
                var log = try TrustFixture.Log()
                try log.start("r1")
                if isBad { try log.add("call.denied", ["run": "r1", "code": "policy.forbid"]) }
                var object = fields
                object["run"] = "r1"
                try log.add(type, object)
                try log.add("call.denied", ["run": "r1", "code": "policy.forbid"])
                try log.end("r1")
                #expect(log.classes == [isBad ? .bad : .notCounted], "\(type)")
            }
        }
        var log = try TrustFixture.Log()
        try log.start("r1", ["kind": "eval"])
        try log.add("call.denied", ["run": "r1", "code": "policy.forbid"])
        try log.add("call.denied", ["run": "r1", "code": "policy.observe"])
        #expect(log.classes == [.notCounted])
    }

    /// Its start was pruned, or is in the log of another node.
    @Test func `a denial in a run without a start counts once for the run`() throws {
        var log = try TrustFixture.Log()
        let first = try log.add(
            "call.denied", ["run": "r7", "agent": "refunds", "code": "policy.forbid"])
        try log.add("call.denied", ["run": "r7", "agent": "refunds", "code": "policy.forbid"])
        try log.add("call.denied", ["run": "r8", "agent": "refunds", "code": "policy.observe"])
        try log.add("call.denied", ["run": "r9", "agent": "clerk", "code": "policy.forbid"])
        #expect(log.agent.denialsOutsideRuns == [first] && log.agent.runs.isEmpty)
    }

    @Test func `a run that is not counted stays so over a reset`() throws {
        let other: JSONObject = ["pol": .string(TrustFixture.digest(2).base64), "why": "folder"]
        for isEval in [true, false] {
            var log = try TrustFixture.Log()
            try log.start("r1", isEval ? ["kind": "eval"] : [:])
            if !isEval { try log.add("approval.breakglass", ["run": "r1", "appr": "a1"]) }
            try log.add("policy.loaded", other)
            for _ in 0..<2 {
                try log.add(
                    "call.denied", ["run": "r1", "agent": "refunds", "code": "policy.forbid"])
                try log.add("approval.breakglass", ["run": "r1", "appr": "a2"])
            }
            #expect(log.classes == [.notCounted] && log.agent.denialsOutsideRuns.isEmpty)
        }
    }

    @Test func `a run with chains on other nodes is not clean`() throws {
        for (chains, expected) in [(0, RunClass.clean), (1, .bad)] {
            var log = try TrustFixture.Log()
            try log.start("r1")
            try log.call("r1")
            let other: JSONValue = ["o": "acme.example/gw2/1", "lost": true]
            try log.add(
                "run.end",
                [
                    "run": "r1", "cnt": 4,
                    "att": .array(Array(repeating: other, count: chains)),
                ])
            #expect(log.classes == [expected])
        }
    }

    @Test func `a run whose end is not known gives no credit, and what is bad in it counts`()
        throws
    {
        for (isBad, expected) in [(false, RunClass.notCounted), (true, .bad)] {
            var log = try TrustFixture.Log()
            try log.start("r1")
            try log.call("r1")
            if isBad { try log.add("call.denied", ["run": "r1", "code": "policy.forbid"]) }
            try log.add(
                "run.end", ["run": "r1", "cnt": .integer(isBad ? 5 : 4), "code": "unknown"])
            #expect(log.classes == [expected])
        }
    }

    /// A run that is held open over a change would hide what it does afterwards.
    @Test func `a run that was open at a reset counts only against the agent afterwards`() throws {
        for isBad in [true, false] {
            var log = try TrustFixture.Log()
            try log.start("r1")
            try log.add("call.denied", ["run": "r1", "code": "policy.forbid"])
            try log.start("r2", policy: TrustFixture.digest(2))
            // The flaw before the change is gone with the credit.
            #expect(log.agent.runs.map(\.run) == ["r2"])
            try log.call("r1")
            if isBad { try log.add("call.denied", ["run": "r1", "code": "policy.forbid"]) }
            try log.end("r1")
            #expect(log.agent.runs.map(\.run) == ["r2", "r1"])
            #expect(log.classes == [.open, isBad ? .bad : .notCounted])
            let denials = log.agent.runs[1].flaws.map(\.kind)
            #expect(denials == (isBad ? [.denial] : []))
        }
        var log = try TrustFixture.Log()
        try log.start("r1")
        for policy in [2, 3] as [UInt64] {
            try log.add(
                "policy.loaded",
                ["pol": .string(TrustFixture.digest(policy).base64), "why": "folder"])
            try log.add("call.denied", ["run": "r1", "code": "policy.forbid"])
            #expect(log.classes == [.bad])
        }
    }

    @Test func `an alarm about an agent is about the runs that were open then`() throws {
        var log = try TrustFixture.Log()
        try log.clean("r1")
        try log.start("r2")
        try log.call("r2")
        try log.add("alarm.raised", ["alarm": "a1", "agent": "refunds"])
        try log.end("r2")
        try log.clean("r3")
        #expect(log.classes == [.clean, .clean, .clean])
        try log.add("alarm.disposed", ["alarm": "a1", "as": "attack"])
        #expect(log.classes == [.clean, .bad, .clean])
    }

    @Test func `an alarm counts once a person confirms it, an incident by its severity`() throws {
        var log = try TrustFixture.Log()
        for run in ["r1", "r2", "r3"] {
            try log.clean(run)
            try log.add("alarm.raised", ["alarm": .string("of-" + run), "ofrun": .string(run)])
        }
        #expect(log.classes == [.clean, .clean, .clean])
        try log.add("alarm.disposed", ["alarm": "of-r1", "as": "false"])
        try log.add("alarm.disposed", ["alarm": "of-r2", "as": "attack"])
        try log.add("incident.opened", ["alarm": "of-r3", "sev": 2, "agent": "refunds"])
        #expect(log.classes == [.clean, .bad, .bad])
        #expect(log.agent.incidents.map(\.severity) == [2])
    }

    @Test func `another policy, other files or pins begin the credit anew`() throws {
        let other: JSONObject = ["pol": .string(TrustFixture.digest(2).base64), "why": "folder"]
        let lock = Self.lock
        let changes: [(String, Bool, (inout TrustFixture.Log) throws -> Void)] = [
            (
                "equal policy", true,
                { log in
                    try log.add(
                        "policy.loaded",
                        ["pol": .string(TrustFixture.policy.base64), "why": "start"])
                }
            ),
            (
                "drill", true,
                { log in
                    var drill = other
                    drill["why"] = "drill"
                    try log.add("policy.loaded", drill)
                }
            ),
            ("policy", false, { try $0.add("policy.loaded", other) }),
            (
                "run under another policy", false,
                {
                    try $0.start("r2", policy: TrustFixture.digest(2))
                }
            ),
            (
                "files", false,
                {
                    try $0.start("r2", ["fp": .string(TrustFixture.digest(3).base64)])
                }
            ),
            ("pin", false, { try $0.add("pin.accepted", lock("billing", "changed", 2)) }),
            ("tool gone", true, { try $0.add("pin.accepted", lock("billing", "gone", 2)) }),
            ("start", true, { try $0.add("pin.accepted", lock("billing", "new", 1)) }),
            (
                "start with another lock", false,
                {
                    try $0.add("pin.accepted", lock("billing", "new", 2))
                }
            ),
            ("another server", true, { try $0.add("pin.accepted", lock("kb", "changed", 2)) }),
        ]
        for (name, isKept, change) in changes {
            var log = try TrustFixture.Log(servers: [Self.billing])
            try log.add("pin.accepted", lock("billing", "new", 1))
            try log.clean("r1")
            try change(&log)
            #expect(log.agent.runs.contains { $0.run == "r1" } == isKept, "\(name)")
            #expect((log.agent.lastChange == nil) == isKept, "\(name)")
            // A record of a run before the change is not taken for one of a run after it.
            try log.add("call.denied", ["run": "r1", "code": "policy.forbid"])
        }
    }

    @Test func `a policy that is equal for the agent or narrower keeps the credit`() throws {
        let other: JSONObject = ["pol": .string(TrustFixture.digest(2).base64), "why": "folder"]
        for change in [
            FingerprintChange.policyEqual, .policyNarrowed, .policyWidened, .policyNotComparable,
        ] {
            var log = try TrustFixture.Log()
            log.source.answer = change
            try log.clean("r1")
            try log.add("policy.loaded", other)
            try log.clean("r2", policy: TrustFixture.digest(2))
            #expect(log.agent.runs.count == (change.effect == .kept ? 2 : 1), "\(change)")
            #expect(log.agent.lastChange?.change == (change.effect == .kept ? nil : change))
        }
    }

    @Test func `a drill counts once it is signed, from the day on which it was made`() throws {
        var log = try TrustFixture.Log()
        try log.add("kill.drill", ["req": "d1", "passed": false, "by": "someone"])
        try log.add("kill.drill", ["req": "d2", "passed": true])
        let made = log.runs.lastDrill
        #expect(made == nil)
        log.wait(days: 3)
        try log.add("kill.drill", ["req": "d2", "passed": true, "by": "someone"])
        let signed = log.runs.lastDrill.unwrapped
        #expect(signed - TrustFixture.now < .seconds(1))
        try log.add("kill.drill", ["req": "d3", "passed": true])
        try log.add("kill.drill", ["req": "d3", "passed": true, "by": "someone"])
        #expect(log.runs.lastDrill.unwrapped - TrustFixture.now > .seconds(86_400))
    }

    @Test func `the log reaches back to its beginning, unless another came before it`() throws {
        let before = TrustFixture.now - .seconds(86_400)
        let whole = try TrustFixture.Log()
        #expect(whole.runs.reaches(back: before))
        var later = try TrustFixture.Log(whole: false)
        #expect(!later.runs.reaches(back: before))
        try later.add("log.genesis", ["from": ["o": "acme.example/gw1/0"]])
        #expect(!later.runs.reaches(back: before))
        #expect(later.runs.reaches(back: TrustFixture.now + .seconds(86_400)))
    }
}
