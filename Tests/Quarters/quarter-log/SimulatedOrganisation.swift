import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTrust

/// The acts of agents and people from day to day. The seed decides about each run; how the runs of a day mix in the log is left
/// to the machine.
final class SimulatedOrganisation {
    private let plan: QuarterPlan
    private let log: SimulatedLog
    private var random: SplitMix
    /// The runs that have begun.
    private(set) var runs = 0

    /// Runs at the same time, which share what the log flushes.
    private static let mostAtOnce = 64
    private static let callsOfRun = 20
    /// The records of a run of so many calls, about.
    private static let recordsOfRun: UInt64 = 46
    private static let hash = OpenSSLHashing().sha256([]).base64

    init(_ plan: QuarterPlan, _ log: SimulatedLog) {
        self.plan = plan
        self.log = log
        random = SplitMix(seed: plan.seed)
    }

    func live() async throws {
        let before = log.size
        for day in 0..<plan.days {
            let morning = Duration.seconds(day * 86_400 + 8 * 3_600)
            log.clock.advance(to: plan.begin + morning)
            try await govern(on: day)
            let target = before + plan.records * UInt64(day + 1) / UInt64(plan.days)
            while log.size < target { try await work(target - log.size) }
        }
    }

    /// Runs with so many records, about.
    private func work(_ missing: UInt64) async throws {
        let number = max(1, min(Self.mostAtOnce, Int(missing / Self.recordsOfRun)))
        let calls = max(1, min(Self.callsOfRun, Int(missing / 2)))
        let (first, plan, log) = (runs, self.plan, self.log)
        runs += number
        try await withThrowingTaskGroup(of: Void.self) { group in
            for next in first..<first + number {
                group.addTask {
                    var run = SimulatedRun(next, plan, log)
                    try await run.live(calls: calls)
                }
            }
            try await group.waitForAll()
        }
    }

    // MARK: People and the gateway

    /// Records a drill, a self-test and confirmations of ownership each seventh day, an alarm that becomes an incident each
    /// ninth, a demotion each thirtieth, and promotions on two days.
    private func govern(on day: Int) async throws {
        if day % 7 == 1 {
            try await append(
                .killDrill,
                [
                    "req": .string(id()), "variant": "canary", "digest": .string(Self.hash),
                    "passed": true, "by": person(0),
                ])
            try await append(
                .selfTestResult,
                [
                    "req": .string(id()), "passed": true, "pol": .string(plan.policy.base64),
                    "cnt": 19, "codes": [], "proof": SimulatedRun.unkept,
                ])
            for member in plan.agents {
                try await append(
                    .ownerConfirmed,
                    [
                        "agent": .string(member.name.text), "signers": [person(0)],
                        "by": person(0), "proof": SimulatedRun.unkept,
                    ])
            }
        }
        if day % 9 == 4 { try await incident() }
        if day % 30 == 17 { try await demotion() }
        if day == 40 || day == 70 { try await promotions(on: day) }
    }

    private func incident() async throws {
        let (agent, incident, alarm) = (anAgent, id(), id())
        try await append(
            .alarmRaised,
            [
                "code": "monitor.denials", "subject": .string(agent), "agent": .string(agent),
                "alarm": .string(alarm), "sev": "high",
            ])
        try await append(
            .incidentOpened,
            [
                "inc": .string(incident), "sev": 3, "alarm": .string(alarm),
                "agent": .string(agent), "by": person(1), "reason": SimulatedRun.unkept,
            ])
        try await append(
            .incidentAction,
            [
                "inc": .string(incident), "agent": .string(agent), "by": person(1),
                "text": SimulatedRun.unkept,
            ])
        try await append(
            .incidentClosed,
            [
                "inc": .string(incident), "agent": .string(agent), "as": "fault",
                "by": person(1), "reason": SimulatedRun.unkept,
            ])
        try await append(
            .alarmDisposed,
            [
                "alarm": .string(alarm), "code": "monitor.denials", "as": "fault",
                "by": person(1), "reason": SimulatedRun.unkept,
            ])
    }

    private func demotion() async throws {
        let end = log.clock.wall + .seconds(30 * 86_400)
        try await append(
            .trustDemoted,
            [
                "agent": .string(anAgent), "from": "gated", "to": "gated",
                "code": "incident-2", "until": .integer(end.microseconds),
            ])
    }

    /// Promotes every fourth agent on day 40, and the first of these again on day 70.
    private func promotions(on day: Int) async throws {
        let isFirst = day == 40
        for (place, member) in plan.agents.enumerated() where place % 4 == 0 {
            guard isFirst || place == 0 else { continue }
            let promotion = SimulatedPromotion(
                agent: member.name, from: isFirst ? .gated : .assisted,
                to: isFirst ? .assisted : .bounded)
            _ = try await log.append(try promotion.record(plan, log))
        }
    }

    private var anAgent: String {
        plan.agents[Int.random(in: 0..<plan.agents.count, using: &random)].name.text
    }

    private func person(_ number: Int) -> JSONValue {
        .string(plan.people[number % plan.people.count])
    }

    private func id() -> String {
        OrderID(milliseconds: log.clock.wall.milliseconds, random: random.bytes(10)).text
    }

    private func append(_ type: RecordType, _ fields: JSONObject) async throws {
        _ = try await log.append(
            log.writer.record(type, run: nil, fields: fields, sealing: []))
    }
}
