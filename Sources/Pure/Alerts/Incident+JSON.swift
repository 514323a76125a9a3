package import InterlockJSON
import InterlockModel

// The row of an incident in the store.
extension Incident {
    package var json: JSONValue {
        var object: JSONObject = [
            "id": .string(id.text), "severity": .integer(Int64(severity)),
            "opened": .string(opened.rfc3339(fractionDigits: 6)),
        ]
        object["alarm"] = alarm.map { .string($0.text) }
        object["agent"] = agent.map { .string($0.text) }
        object["run"] = run.map { .string($0.text) }
        switch origin {
        case .person(let by, let reason):
            object["by"] = .string(by.text)
            object["reason"] = .string(reason)
        case .gateway(let trigger): object["trigger"] = .string(trigger.rawValue)
        case .earlier: break
        }
        if !actions.isEmpty { object["actions"] = .array(actions.map(\.json)) }
        guard let end else { return .object(object) }
        object["closed"] = .string(end.at.rfc3339(fractionDigits: 6))
        object["cause"] = end.cause.map { .string($0.rawValue) }
        object["closed_by"] = end.by.map { .string($0.text) }
        object["closed_reason"] = .string(end.reason)
        return .object(object)
    }

    /// - Returns: nil if `json` has another form.
    package init?(_ json: JSONValue) {
        guard let id = json["id"]?.string.flatMap({ IncidentID($0) }),
            let severity = json["severity"]?.integer,
            let opened = json["opened"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let origin = IncidentOrigin(json)
        else { return nil }
        let (alarm, agent, run) = (json["alarm"], json["agent"], json["run"])
        self.init(
            id: id, severity: Int(clamping: severity),
            alarm: alarm?.string.flatMap { AlertID($0) },
            agent: agent?.string.flatMap { AgentName($0) },
            run: run?.string.flatMap { RunID($0) }, origin: origin, opened: opened)
        guard (alarm == nil) == (self.alarm == nil), (agent == nil) == (self.agent == nil),
            (run == nil) == (self.run == nil)
        else { return nil }
        for row in json["actions"]?.array ?? [] {
            guard let action = IncidentAction(row), add(action) else { return nil }
        }
        guard let text = json["closed"]?.string else { return }
        guard let closed = Timestamp(rfc3339: text) else { return nil }
        let cause = json["cause"]?.string.flatMap { IncidentCause(rawValue: $0) }
        let by = json["closed_by"]?.string.map { Pseudonym(text: $0) }
        guard (json["cause"] == nil) == (cause == nil), (json["closed_by"] == nil) == (by == nil)
        else { return nil }
        _ = close(
            IncidentEnd(
                at: closed, cause: cause, by: by, reason: json["closed_reason"]?.string ?? ""))
    }
}

extension IncidentOrigin {
    /// - Returns: nil if `json` states an origin in another form.
    fileprivate init?(_ json: JSONValue) {
        if let text = json["trigger"]?.string {
            guard let trigger = IncidentTrigger(rawValue: text) else { return nil }
            self = .gateway(trigger)
        } else if let text = json["by"]?.string {
            self = .person(Pseudonym(text: text), reason: json["reason"]?.string ?? "")
        } else {
            self = .earlier
        }
    }
}

extension IncidentAction {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "at": .string(at.rfc3339(fractionDigits: 6)), "by": .string(by.text),
            "text": .string(text),
        ]
        object["case"] = evalCase.map { .string($0) }
        return .object(object)
    }

    fileprivate init?(_ json: JSONValue) {
        guard let at = json["at"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let by = json["by"]?.string.map({ Pseudonym(text: $0) }),
            let text = json["text"]?.string
        else { return nil }
        self.init(at: at, by: by, text: text, evalCase: json["case"]?.string)
    }
}
