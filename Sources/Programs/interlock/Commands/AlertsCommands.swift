import InterlockAlerts
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    static let alertsList = Command(
        "alerts list", "list what was noticed in the last 30 days",
        example: "interlock alerts list",
        options: [
            .directory, .json, .lately,
            Option("--severity SEVERITY", "info, low, high or page, and above"),
            Option("--open", "only alarms without a disposition"),
        ],
        exits: [.no, .unavailable],
        notes: "Exits with 1 when an alarm is open or was not delivered."
    ) { invocation in
        let least = try invocation["severity"].map { text throws(Failure) in
            try Invocation.parsed(text, "no severity", .usage) { AlertSeverity(rawValue: $0) }
        }
        let seconds = try recentSeconds(invocation)
        let client = try invocation.gateway()
        let first = SystemClock().now.wall - .seconds(seconds)
        let found = try client.rows("/v1/alerts", "alerts").compactMap { row in
            RaisedAlert(row).map { ($0, row) }
        }.filter { alert, _ in
            alert.at >= first && (alert.severity ?? .info) >= (least ?? .info)
                && !(invocation.has("open") && alert.finding != nil)
        }
        invocation.print(
            table: found.map(\.1),
            [
                column("ALERT", \.id.text), column("AT") { $0.at.rfc3339(fractionDigits: 0) },
                column("SEVERITY") { $0.severity?.rawValue ?? "info" }, column("STATE", state),
                column("ABOUT", \.text.text),
            ], nothing: "nothing was noticed")
        let isOpen = found.contains { alert, _ in alert.finding == nil && alert.isTold }
        let channels = try client.get("/v1/alerts").rows("channels")
        return isOpen || channels.contains { $0.number("undelivered") > 0 } ? .no : .ok
    }

    static let alertsShow = Command(
        "alerts show ID", "show one alert, and what it was found to be",
        example: "interlock alerts show 01kag0q9m2c4e6g8j0k2n4p6r8",
        options: [.directory, .json], exits: [.no, .notFound, .unavailable],
        notes: "Exits with 1 while it has no disposition."
    ) { invocation in
        let id = try alertID(invocation)
        let story = try invocation.gateway().get("/v1/alerts/\(id)")
        var answer = story["alert"]?.object ?? [:]
        answer["incidents"] = story["incidents"]
        answer["deliveries"] = story["deliveries"]
        let lines = answer.members.map { "\($0.key): \(TerminalEscaping.shown($0.value.plain))" }
        invocation.print(.object(answer), lines.joined(separator: "\n"))
        return answer["finding"] == nil ? .no : .ok
    }

    static let alertsTest = Command(
        "alerts test [CHANNEL]", "send a test through one channel, or all",
        example: "interlock alerts test mail",
        options: [.directory, .json], exits: [.notFound, .unavailable],
        notes: "It is tried like any alert; `interlock status` shows whether it arrived."
    ) { invocation in
        var body: JSONObject = [:]
        body["channel"] = invocation.positional.first.map(JSONValue.string)
        let answer = try invocation.gateway().post("/v1/alerts/test", .object(body))
        guard !invocation.isJSON else { return invocation.print(answer, "") }
        return invocation.print(rows: answer.rows("channels")) { channel in
            "a test is on its way through \(channel.string ?? "-")"
        }
    }

    static let alertsDispose = Command(
        "alerts dispose ID", "say what an alert was",
        example:
            "interlock alerts dispose 01kag0q9m2c4e6g8j0k2n4p6r8 --as expected --reason 'The yearly load test'",
        options: [
            .directory, .json,
            Option("--as DISPOSITION", "attack, fault, expected or false"),
            Option("--reason TEXT", "why, 1 to 500 characters").required,
            Option("--incident SEVERITY", "open one, 1 (the worst) to 3"),
            Option("--close-incident", "the incident of this alert is over"),
        ],
        exits: .ofOrders,
        notes: """
            It is said once. `expected` makes the series be learned anew, so that it alarms no more when it
            stays as it is; until then the fixed limits alone hold.
            """
    ) { invocation in
        let id = try alertID(invocation)
        var body: JSONObject = ["reason": .string(try invocation.require("reason"))]
        body["as"] = invocation.json("as")
        let closes = invocation.has("close-incident")
        guard !(invocation.has("incident") && closes) else {
            throw Failure(.usage, "`--incident` cannot be used with `--close-incident`")
        }
        if let text = invocation["incident"], Int64(text) == nil {
            throw Failure(.usage, "an incident has severity 1, 2 or 3")
        }
        body["incident"] = closes ? "close" : invocation.json("incident")
        let story = try invocation.gateway().post("/v1/alerts/\(id)/disposition", .object(body))
        let incidents = story.rows("incidents")
        var incident: JSONValue?
        if closes {
            incident = incidents.max { ($0["closed"]?.string ?? "") < ($1["closed"]?.string ?? "") }
        } else if invocation.has("incident") {
            incident = incidents.first { $0["closed"] == nil }
        }
        var answer: JSONObject = ["id": .string(id.text)]
        (answer["as"], answer["incident"]) = (body["as"], incident)
        let end = incident.map { "\nincident \($0.text("id")): \(closes ? "closed" : "open")" }
        return invocation.print(
            .object(answer), "\(id): \(invocation["as"] ?? "noted")\(end ?? "")")
    }

    static let detectorsReport = Command(
        "detectors report", "how many alarms of each detector were something",
        example: "interlock detectors report",
        options: [.directory, .json, .lately], exits: [.unavailable]
    ) { invocation in
        let seconds = try recentSeconds(invocation)
        let answer = try invocation.gateway().get("/v1/detectors/\(seconds)")
        var lines = answer.rows("detectors").map { one in
            func figure(_ name: String) -> String { one[name]?.plain ?? "-" }
            return "\(figure("detector"))  alarms \(figure("alarms"))  disposed "
                + "\(figure("disposed"))  precision \(figure("precision"))  95 % \(figure("interval"))"
        }
        if lines.isEmpty { lines = ["no detector has fired"] }
        lines.append("budget: \(answer["alarms_per_week"]?.plain ?? "-") of an agent in a week")
        return invocation.print(answer, lines.joined(separator: "\n"))
    }
}

extension Option {
    fileprivate static let lately = Option("--since TIME", "such as 24h or 30d (default: 30d)")
}

private func alertID(_ invocation: Invocation) throws(Failure) -> AlertID {
    try invocation.argument("no id of an alert", help: "interlock alerts list") { AlertID($0) }
}

/// The seconds of `--since`, by default 30 days.
private func recentSeconds(_ invocation: Invocation) throws(Failure) -> Int {
    guard let text = invocation["since"] else { return 30 * 86_400 }
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
        (1...31_536_000 / unit).contains(count)
    else { throw Failure(.usage, "a time such as 24h or 30d, at most a year") }
    return count * unit
}

/// A column of the list of alerts.
private func column(
    _ title: String, _ value: @escaping @Sendable (RaisedAlert) -> String
) -> Column {
    Column(title) { row in RaisedAlert(row).map { TerminalEscaping.shown(value($0)) } ?? "-" }
}

@Sendable private func state(_ alert: RaisedAlert) -> String {
    alert.finding?.disposition.rawValue ?? (alert.isTold ? "open" : "noted")
}
