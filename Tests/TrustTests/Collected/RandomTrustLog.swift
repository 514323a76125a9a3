import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting

@testable import InterlockTrust

/// Random records of two agents, among them each type that trust counts, in an order that a gateway might write them.
struct RandomTrustLog {
    /// Facts that no leaf has follow from the records here, so that each reading finds the same.
    struct Source: RunSource {
        func task(of agent: AgentName, in record: StoredRecord) -> RunTaskName? {
            record.text("rule").flatMap { RunTaskName($0) }
        }

        func filesChange(from old: StoredRecord, to new: StoredRecord) -> FingerprintChange {
            (old.time?.microseconds ?? 0) % 2 == 0 ? .skills : .files
        }

        func change(of agent: AgentName, from old: Digest, to new: Digest?) -> FingerprintChange {
            old.words.0 == 0 ? .policyWidened : .policyNarrowed
        }
    }

    private(set) var log: TrustFixture.Log
    private var random: SeededGenerator
    private var runs: [String] = []
    private var intents: [Digest] = []
    private var denials: [Digest] = []
    private var requests: [(name: String, run: String)] = []
    private var alarms = 0
    private var number = 0

    static let other = AgentName("clerk").unwrapped
    static let agents: [AgentName: Set<ServerName>] = [
        TrustFixture.agent: [ServerName("billing").unwrapped],
        other: [ServerName("billing").unwrapped, ServerName("mail").unwrapped],
    ]
    private static let person: JSONValue = "qAtvNSliVAlAcLHGLhmnpA=="
    private static let aDay = Int64(86_400_000_000)

    init(_ random: SeededGenerator, records: Int) throws {
        self.random = random
        log = try TrustFixture.Log()
        while log.records.count < records {
            if roll(20) == 0 { log.wait(days: 1) }
            try step()
        }
    }

    private mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &random) }

    private mutating func agent() -> JSONValue {
        roll(2) == 0 ? .string(TrustFixture.agent.text) : .string(Self.other.text)
    }

    private mutating func digest() -> JSONValue {
        .string(TrustFixture.digest(UInt64(roll(3))).base64)
    }

    private mutating func text(of values: [String]) -> String? {
        values.isEmpty ? nil : values[roll(values.count)]
    }

    private mutating func text(of values: [Digest]) -> JSONValue {
        guard !values.isEmpty else { return .string(TrustFixture.digest(99).base64) }
        return .string(values[roll(values.count)].base64)
    }

    private mutating func step() throws {
        let about: JSONObject = ["run": .string(text(of: runs) ?? "r0")]
        switch roll(10) {
        case 0: try start()
        case 1, 2:
            var intent = about
            intent["rule"] = .string("task-\(roll(3))")
            intents.append(try log.add("call.intent", intent))
            var outcome = about
            outcome["intent"] = text(of: intents)
            outcome["st"] = roll(3) == 0 ? "error" : "ok"
            if roll(4) == 0 { outcome["late"] = true }
            try log.add("call.outcome", outcome)
        case 3: try deny(about)
        case 4: try approval(about)
        case 5: try end()
        case 6: try flaw(about)
        case 7: try alarm(about)
        case 8: try statement()
        // Changes take the runs before them away.
        default: if roll(2) == 0 { try change(about) } else { try start() }
        }
    }

    private mutating func start() throws {
        number += 1
        let run = "r\(number)"
        runs.append(run)
        if runs.count > 8 { runs.removeFirst() }
        var fields: JSONObject = ["run": .string(run), "agent": agent(), "pol": digest()]
        if roll(3) == 0 { fields["fp"] = digest() }
        if roll(8) == 0 { fields["kind"] = "eval" }
        try log.add("run.start", fields)
    }

    private mutating func end() throws {
        guard let run = text(of: runs) else { return }
        if roll(4) > 0 {
            runs.removeAll { $0 == run }
            try log.end(run)
        } else {
            try log.add("run.end", ["run": .string(run), "cnt": 3, "code": "unknown"])
        }
    }

    private mutating func deny(_ about: JSONObject) throws {
        var fields = about
        if roll(4) == 0 { fields = ["agent": agent(), "run": .string("elsewhere-\(roll(3))")] }
        if roll(6) == 0 { fields = ["agent": agent()] }
        fields["code"] = .string(
            ["policy.forbid", "policy.observe", "approval.pending", "limits.calls"][roll(4)])
        denials.append(try log.add("call.denied", fields))
    }

    /// A request is of one run.
    private mutating func approval(_ about: JSONObject) throws {
        guard roll(2) == 1, !requests.isEmpty else {
            let name = "a\(log.records.count)"
            requests.append((name: name, run: about["run"]?.string ?? "r0"))
            var fields = about
            fields["appr"] = .string(name)
            fields["need"] = .integer(Int64(1 + roll(2)))
            try log.add("approval.requested", fields)
            return
        }
        let request = requests[roll(requests.count)]
        let types = ["granted", "granted", "denied", "expired", "breakglass"]
        try log.add(
            "approval.\(types[roll(types.count)])",
            [
                "run": .string(request.run), "appr": .string(request.name),
                "i": .integer(Int64(1 + roll(2))),
            ])
    }

    private mutating func flaw(_ about: JSONObject) throws {
        let run = about["run"] ?? "r0"
        switch roll(5) {
        case 0:
            var fields = about
            fields["intent"] = text(of: intents)
            try log.add("call.unknown", fields)
        case 1:
            try log.add(
                "outcome.checked", ["ofrun": run, "intent": text(of: intents), "as": "ran"])
        case 2:
            var fields = about
            fields["code"] = "cycle"
            try log.add("response.throttle", fields)
        case 3: try log.add("kill.requested", ["scope": "agent", "target": agent()])
        default: try log.add("hook.silent", ["ofrun": run])
        }
    }

    private mutating func alarm(_ about: JSONObject) throws {
        let alarm: JSONValue = .string("alarm-\(alarms - roll(2))")
        switch roll(3) {
        case 0:
            alarms += 1
            var fields: JSONObject = ["alarm": .string("alarm-\(alarms)")]
            if roll(2) == 0 { fields["ofrun"] = about["run"] } else { fields["agent"] = agent() }
            try log.add("alarm.raised", fields)
        case 1: try log.add("alarm.disposed", ["alarm": alarm, "as": "attack"])
        default:
            try log.add(
                "incident.opened",
                ["sev": .integer(Int64(1 + roll(3))), "alarm": alarm, "agent": agent()])
        }
    }

    private mutating func statement() throws {
        switch roll(4) {
        case 0:
            try log.add(
                "trust.classified",
                [
                    "agent": agent(), "h": text(of: denials), "by": Self.person,
                    "as": .string(["attack", "agent", "policy"][roll(3)]), "pol": digest(),
                ])
        case 1: try log.add("owner.confirmed", ["agent": agent(), "signers": [Self.person]])
        case 2:
            var fields: JSONObject = ["req": .string("drill-\(roll(3))"), "passed": true]
            if roll(2) == 0 { fields["by"] = Self.person }
            try log.add("kill.drill", fields)
        default:
            try log.add("trust.excepted", ["agent": agent(), "until": until(days: 1)])
        }
    }

    private func until(days: Int64) -> JSONValue {
        let now = log.records.last?.time ?? TrustFixture.now
        return .integer(now.microseconds + days * Self.aDay)
    }

    private mutating func change(_ about: JSONObject) throws {
        let stages = ["gated", "assisted", "bounded"]
        switch roll(6) {
        case 0: try log.add("policy.loaded", ["pol": digest(), "why": "folder"])
        case 1:
            try log.add(
                "pin.accepted",
                [
                    "srv": roll(2) == 0 ? "billing" : "mail", "lock": digest(),
                    "st": .string(["new", "gone", "changed"][roll(3)]),
                ])
        case 2:
            var fields = about
            fields["model"] = .string("model-\(roll(2))")
            try log.add("hook.session", fields)
        case 3:
            try log.add(
                "trust.demoted",
                [
                    "agent": agent(), "from": "assisted", "to": "gated", "until": until(days: 14),
                    "code": "incident",
                ])
        case 4:
            var fields: JSONObject = [
                "agent": agent(), "from": .string(stages[roll(3)]), "to": .string(stages[roll(3)]),
                "until": until(days: 90),
            ]
            if roll(4) == 0 { fields["code"] = "not_kept" }
            try log.add("trust.promoted", fields)
        default:
            try log.add("trust.delegated", ["agent": agent(), "to": .string(stages[roll(3)])])
        }
    }
}
