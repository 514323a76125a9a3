import InterlockAlerts
import InterlockJSON
import InterlockKeys
import InterlockModel

extension Command {
    static let alertsList = Command(
        "alerts list", "list what was noticed in the last 30 days",
        options: [
            .directory, .json, .lately,
            Option("--severity SEVERITY", "info, low, high or page, and above"),
            Option("--open", "only what nobody has disposed of"),
        ],
        exits: [.no, .unavailable],
        notes: "Exits with 1 when something is open, or was told to nobody."
    ) { invocation in
        let least = try invocation["severity"].map { text throws(Failure) in
            guard let severity = AlertSeverity(rawValue: text) else {
                throw Failure(.usage, "`\(TerminalEscaping.shown(text))` is no severity")
            }
            return severity
        }
        let seconds = try sinceSeconds(invocation, otherwise: 30 * 86_400)
        let client = GatewayClient(try Deployment.open(invocation))
        let first = SystemClock().now.wall - .seconds(seconds)
        let rows = try client.rows("/v1/alerts", "alerts").compactMap { row in
            RaisedAlert(row).map { ($0, row) }
        }.filter { alarm, _ in
            alarm.at >= first && (alarm.severity ?? .info) >= (least ?? .info)
                && !(invocation.has("open") && alarm.finding != nil)
        }
        for (alarm, row) in rows {
            invocation.has("json") ? Output.json(row) : Output.line(line(alarm))
        }
        if rows.isEmpty, !invocation.has("json") { Output.line("nothing was noticed") }
        let isOpen = rows.contains { alarm, _ in alarm.finding == nil && alarm.isTold }
        let channels = try client.get("/v1/alerts")["channels"]?.array ?? []
        let isUntold = channels.contains { ($0["undelivered"]?.integer ?? 0) > 0 }
        return isOpen || isUntold ? .no : .ok
    }

    static let alertsShow = Command(
        "alerts show ID", "show one alert, and what it was found to be",
        options: [.directory, .json],
        exits: [.no, .notFound, .unavailable],
        notes: "Exits with 1 while nobody has disposed of it."
    ) { invocation in
        let id = try alertID(invocation)
        let story = try GatewayClient(try Deployment.open(invocation)).get("/v1/alerts/\(id)")
        var object = story["alert"]?.object ?? [:]
        object["incidents"] = story["incidents"]
        let answer = JSONValue.object(object)
        if invocation.has("json") {
            Output.json(answer)
        } else {
            for (name, value) in answer.object?.members ?? [] {
                Output.line("\(name): \(TerminalEscaping.shown(value.plain))")
            }
        }
        return answer["finding"] == nil ? .no : .ok
    }

    static let alertsTest = Command(
        "alerts test [CHANNEL]", "send a test through one channel, or all",
        options: [.directory, .json],
        exits: [.notFound, .unavailable],
        notes: "It is tried like any alert; `interlock status` shows whether it arrived."
    ) { invocation in
        var body: JSONObject = [:]
        body["channel"] = invocation.positional.first.map(JSONValue.string)
        let answer = try GatewayClient(try Deployment.open(invocation)).post(
            "/v1/alerts/test", .object(body))
        if invocation.has("json") {
            Output.json(answer)
        } else {
            for channel in answer["channels"]?.array ?? [] {
                Output.line("a test is on its way through \(channel.string ?? "-")")
            }
        }
        return .ok
    }

    static let alertsDispose = Command(
        "alerts dispose ID", "say what an alert was",
        options: [
            .directory, .json,
            Option("--as DISPOSITION", "attack, fault, expected or false"),
            Option("--reason TEXT", "why, 1 to 500 characters"),
            Option("--incident SEVERITY", "open one, 1 (the worst) to 3"),
            Option("--close-incident", "the incident of this alert is over"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .notPermitted],
        notes: """
            It is said once. `expected` makes the series be learned anew, so that it alarms no more when it
            stays as it is; until then the fixed limits alone hold.
            """
    ) { invocation in
        let id = try alertID(invocation)
        var body: JSONObject = ["reason": .string(try invocation.require("reason"))]
        body["as"] = invocation["as"].map(JSONValue.string)
        guard !(invocation.has("incident") && invocation.has("close-incident")) else {
            throw Failure(.usage, "`--incident` cannot be used with `--close-incident`")
        }
        if let text = invocation["incident"], Int64(text) == nil {
            throw Failure(.usage, "an incident has severity 1, 2 or 3")
        }
        let closes = invocation.has("close-incident")
        body["incident"] = closes ? "close" : invocation["incident"].map(JSONValue.string)
        let story = try GatewayClient(try Deployment.open(invocation)).post(
            "/v1/alerts/\(id)/disposition", .object(body))
        let incidents = story["incidents"]?.array ?? []
        var incident: JSONValue?
        if closes {
            incident = incidents.max { ($0["closed"]?.string ?? "") < ($1["closed"]?.string ?? "") }
        } else if invocation.has("incident") {
            incident = incidents.first { $0["closed"] == nil }
        }
        if invocation.has("json") {
            var answer: JSONObject = ["id": .string(id.text)]
            answer["as"] = body["as"]
            answer["incident"] = incident
            Output.json(.object(answer))
        } else {
            Output.line("\(id): \(invocation["as"] ?? "noted")")
            if let incident {
                Output.line(
                    "incident \(incident["id"]?.string ?? "-"): \(closes ? "closed" : "open")")
            }
        }
        return .ok
    }

    static let detectorsReport = Command(
        "detectors report", "how many alarms of each detector were something",
        options: [.directory, .json, .lately],
        exits: [.unavailable]
    ) { invocation in
        let seconds = try sinceSeconds(invocation, otherwise: 30 * 86_400)
        let answer = try GatewayClient(try Deployment.open(invocation)).get(
            "/v1/detectors/\(seconds)")
        guard !invocation.has("json") else {
            Output.json(answer)
            return .ok
        }
        let detectors = answer["detectors"]?.array ?? []
        for one in detectors {
            func figure(_ name: String) -> String { one[name]?.plain ?? "-" }
            Output.line(
                "\(figure("detector"))  alarms \(figure("alarms"))  disposed \(figure("disposed"))  "
                    + "precision \(figure("precision"))  95 % \(figure("interval"))")
        }
        if detectors.isEmpty { Output.line("no detector has fired") }
        Output.line("budget: \(answer["alarms_per_week"]?.plain ?? "-") of an agent in a week")
        return .ok
    }
}

extension Option {
    fileprivate static let lately = Option("--since TIME", "such as 24h or 30d (default: 30d)")
}

extension JSONValue {
    /// The text of a string without quotes, or the JSON text of any other value.
    fileprivate var plain: String { string ?? String(decoding: serialized(), as: UTF8.self) }
}

private func alertID(_ invocation: Invocation) throws(Failure) -> AlertID {
    let text = invocation.positional[0]
    guard let id = AlertID(text) else {
        throw Failure(
            .notFound, "`\(TerminalEscaping.shown(text))` is no id of an alert",
            help: "interlock alerts list")
    }
    return id
}

private func sinceSeconds(_ invocation: Invocation, otherwise usual: Int) throws(Failure) -> Int {
    guard let text = invocation["since"] else { return usual }
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
        (1...31_536_000 / unit).contains(count)
    else { throw Failure(.usage, "a time such as 24h or 30d, at most a year") }
    return count * unit
}

private func line(_ alarm: RaisedAlert) -> String {
    let state = alarm.finding?.disposition.rawValue ?? (alarm.isTold ? "open" : "noted")
    let severity = alarm.severity?.rawValue ?? "info"
    return
        "\(alarm.id)  \(alarm.at.rfc3339(fractionDigits: 0))  \(severity)  \(state)  \(TerminalEscaping.shown(alarm.text.text))"
}
