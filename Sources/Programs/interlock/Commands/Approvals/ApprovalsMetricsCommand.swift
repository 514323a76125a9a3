import InterlockAdministration
import InterlockApprovals
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore
import InterlockZones

extension Command {
    static let approvalsMetrics = Command(
        "approvals metrics", "how each person decided: rate, haste, streaks, disagreement, probes",
        example: "interlock approvals metrics --since 30d --zone Europe/Oslo",
        options: [.directory, .log] + Option.logKeys + [
            Option("--since TIME", "from then on: RFC 3339, or how long ago (default: 30d)"),
            Option(
                "--zone ZONE",
                "whose office hours count, Monday to Friday from 8 to 18 h (default: UTC)"),
            Option("--approver P", "an address or a pseudonym: that one alone"),
            Option("--runs", "how many approvals the runs of each agent asked for, instead"),
            .json,
        ],
        exits: [.data, .notFound, .io],
        notes: """
            Figures about deciding, not about people: they are in no order of merit. How long somebody \
            looked counts from the page, or from when the command line showed it. Probes are in no figure but \
            their own. A rate is given with the \
            interval in which it lies with 95 percent confidence.
            """
    ) { invocation in
        let log = try AuditLog(invocation)
        let now = SystemClock().now.wall
        let since = try time(invocation["since"] ?? "30d", before: now)
        if invocation.has("runs") { return try printRuns(in: log, since: since, invocation) }
        let names = PersonDirectory(log)
        guard let zone = SystemZones().rules(for: invocation["zone"] ?? "UTC") else {
            throw Failure(.usage, "`\(invocation["zone"] ?? "")` is no time zone")
        }
        let history = try history(in: log)
        let cap = log.deployment?.configuration.approvals.capPerHour ?? ReviewQualityPolicy.usualCap
        let people = history.people.sorted { $0.text < $1.text }.filter { person in
            guard let wanted = invocation["approver"] else { return true }
            return wanted == person.text || wanted == names.name(person.text)
        }
        if invocation.has("approver"), people.isEmpty {
            throw Failure(
                .notFound, "`\(invocation["approver"] ?? "")` has decided nothing in this log")
        }
        for person in people {
            let figures = ApproverFigures(
                person: names.name(person.text), pseudonym: person,
                metrics: ApproverMetrics(
                    history.marks(of: person), capPerHour: cap,
                    trained: history.lastEnrolment(of: person),
                    now: now,
                    window: now - since),
                disagreements: history.disagreements(of: person, since: since),
                offHours: history.marks(of: person).count {
                    $0.at >= since && !$0.isProbe && OffHours.has($0.at, in: zone)
                },
                measured: history.marks(of: person).count { $0.at >= since && $0.dwell != nil })
            invocation.isJSON ? Output.json(figures.json) : Output.text(figures.text)
        }
        if people.isEmpty, !invocation.isJSON { Output.line("no decision was recorded") }
        return .ok
    }
}

private func printRuns(
    in log: AuditLog, since: Timestamp, _ invocation: Invocation
) throws -> Exit {
    let types = RecordType.allCases.filter { RunApprovals.types.contains($0.rawValue) }
    var runs = RunApprovals()
    try log.scan { entry in
        guard types.contains(where: entry.mayBe), let record = entry.record else { return true }
        if record["ts"]?.integer ?? 0 >= since.microseconds { runs.replay(.object(record.object)) }
        return true
    }
    let rows = runs.figures
    if rows.isEmpty, !invocation.isJSON { Output.line("no call was recorded") }
    for row in rows { invocation.isJSON ? Output.json(row.json) : Output.line(row.text) }
    return .ok
}

extension RunApprovals.Figures {
    fileprivate var json: JSONValue {
        [
            "agent": .string(agent.text), "runs": .count(runs), "calls": .count(calls),
            "approvals": .count(requests), "per_run_median": .count(median),
            "per_run_most": .count(most), "busiest_tool": busiest.map(JSONValue.string) ?? .null,
        ]
    }

    fileprivate var text: String {
        let tool = busiest.map { ", most for \($0)" } ?? ""
        return
            "\(agent.text.padded(to: 24)) \(requests) approvals for \(calls) calls in \(runs) runs; "
            + "of a run \(median) in the middle, \(most) at most\(tool)"
    }
}

private func history(in log: AuditLog) throws -> ApprovalHistory {
    let marks = RecordType.allCases.filter { ApprovalHistory.types.contains($0.rawValue) }
    var history = ApprovalHistory()
    try log.scan { entry in
        guard marks.contains(where: entry.mayBe), let record = entry.record else { return true }
        // Records of earlier versions lack the minimum reading time; it is computed from the review.
        let isShown = ["approval.requested", "approval.reissued"].contains(record.type)
        let floor = isShown && record["floor"] == nil ? try floor(of: record, log) : nil
        history.replay(.object(record.object), floor: floor)
        return true
    }
    return history
}

/// The minimum reading time of the review, or nil if the review cannot be opened.
private func floor(of record: StoredRecord, _ log: AuditLog) throws -> Duration? {
    guard case .opened(let bytes) = try log.payload("bind", of: record).answer,
        let value = try? JSONValue(parsing: bytes, limits: .upstream),
        let review = try? ReviewDocument(json: value)
    else { return nil }
    return MinimumReadingTime.time(for: review)
}

private struct ApproverFigures {
    let person: String
    let pseudonym: Pseudonym
    let metrics: ApproverMetrics
    let disagreements: Int
    let offHours: Int
    /// The number of decisions with a measured duration.
    let measured: Int

    var json: JSONValue {
        let (rate, detection) = (metrics.approveRate, metrics.detectionRate)
        return [
            "person": .string(person), "pseudonym": .string(pseudonym.text),
            "approved": .count(metrics.approved),
            "denied": .count(metrics.denied),
            "approve_rate": .array([.rate(rate.low), .rate(rate.high)]),
            "measured": .count(measured), "too_fast": .count(metrics.tooFast),
            "dwell_ms": .milliseconds(metrics.medianDwell),
            "floor_ms": .milliseconds(metrics.medianFloor),
            "streak": .count(metrics.streak),
            "busiest_minute": .count(metrics.busiestMinute),
            "busiest_hour": .count(metrics.busiestHour),
            "disagreements": .count(disagreements),
            "off_hours": .count(offHours),
            "probes": [
                "caught": .count(metrics.probesCaught),
                "missed": .count(metrics.probesMissed),
                "detection_rate": .array([.rate(detection.low), .rate(detection.high)]),
            ],
            "measures": .array(metrics.measures.map(\.name).sorted().map(JSONValue.string)),
        ]
    }

    var text: String {
        let rate = metrics.approveRate
        var lines = [
            TerminalEscaping.shown(person),
            "  approved \(metrics.approved), denied \(metrics.denied): \(percent(rate.low)) to \(percent(rate.high)) approve",
            "  below the reading time \(metrics.tooFast) of \(measured) measured, in a row approved \(metrics.streak), others decided otherwise \(disagreements)",
            "  at most \(metrics.busiestMinute) in a minute and \(metrics.busiestHour) in an hour, \(offHours) out of hours"
                + (haste.map { ", " + $0 } ?? ""),
            "  probes denied \(metrics.probesCaught), approved \(metrics.probesMissed)"
                + (detection.map { ": " + $0 } ?? ""),
        ]
        if !metrics.measures.isEmpty {
            lines.append("  due: " + metrics.measures.map(\.name).sorted().joined(separator: ", "))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Is nil if the person had no probes.
    private var detection: String? {
        guard metrics.probesCaught + metrics.probesMissed > 0 else { return nil }
        let rate = metrics.detectionRate
        return "\(percent(rate.low)) to \(percent(rate.high)) found"
    }

    private var haste: String? {
        guard let dwell = metrics.medianDwell, let floor = metrics.medianFloor else { return nil }
        let (took, takes) = (dwell.microseconds / 1_000_000, floor.microseconds / 1_000_000)
        return "half of them in \(took) s or less, where reading takes \(takes) s"
    }

    private func percent(_ rate: Double) -> String { "\(Int((rate * 100).rounded())) %" }
}

extension JSONValue {
    fileprivate static func milliseconds(_ time: Duration?) -> JSONValue {
        time.map { .integer($0.microseconds / 1000) } ?? .null
    }

    /// The rate, rounded to three decimal places.
    fileprivate static func rate(_ value: Double) -> JSONValue {
        let rounded = (value * 1000).rounded() / 1000
        return .number(JSONNumber(text: "\(rounded)", double: rounded))
    }
}

extension Countermeasure {
    fileprivate var name: String {
        switch self {
        case .slowReading: "slow-reading"
        case .doubledProbes: "doubled-probes"
        case .pause: "pause"
        case .spaced: "spaced"
        case .capped: "capped"
        case .retraining: "retraining"
        }
    }
}
