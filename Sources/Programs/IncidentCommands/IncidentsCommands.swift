import InterlockAlerts
package import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    package static let incidentsList = Command(
        "incidents list", "list incidents, the newest first",
        example: "interlock incidents list --open",
        options: [
            .directory, .json, Option("--open", "only those that are open"),
            Option("--agent AGENT", "only those about this agent"),
        ],
        exits: [.no, .unavailable], notes: "Exits with 1 when one of them is open."
    ) { invocation in
        var query = invocation.has("open") ? "?state=open" : ""
        if let text = invocation["agent"] {
            let agent = try Invocation.agentName(text)
            query += (query.isEmpty ? "?" : "&") + "agent=\(agent.text)"
        }
        let rows = try invocation.gateway().get("/v1/incidents\(query)").rows("incidents")
        invocation.print(
            table: rows,
            [
                Column("INCIDENT", "id"), Column("SEVERITY") { "\($0.number("severity"))" },
                Column("OPENED", "opened"), Column("AGENT", "agent"),
                Column("STATE") { incident in
                    incident["closed"] == nil ? "open" : "closed: \(incident.text("cause"))"
                },
                Column("ABOUT", about),
            ], nothing: "no incident")
        return rows.contains { $0["closed"] == nil } ? .no : .ok
    }

    package static let incidentsShow = Command(
        "incidents show ID", "show an incident and what was done about it",
        example: "interlock incidents show 01kag0q9m2c4e6g8j0k2n4p6r8",
        options: [.directory, .json], exits: [.no, .notFound, .unavailable],
        notes: "Exits with 1 while it is open."
    ) { invocation in
        let id = try incidentID(invocation)
        let incident = try invocation.gateway().get("/v1/incidents/\(id)")
        invocation.print(incident, lines(of: incident).joined(separator: "\n"))
        return incident["closed"] == nil ? .no : .ok
    }

    package static let incidentsOpen = Command(
        "incidents open", "open an incident without an alert",
        example:
            "interlock incidents open --severity 1 --agent refunds --reason 'It paid a wrong account'",
        options: [
            .directory, .json,
            Option("--severity SEVERITY", "1 (the worst), 2 or 3").required,
            Option("--agent AGENT", "the agent that it is about"),
            Option("--run RUN", "the run of this agent that it is about"),
            Option("--reason TEXT", "why, 1 to 500 characters; recorded").required,
        ],
        exits: .ofOrders,
        notes: """
            It demotes the agent at once: severity 1 to stage 0, severity 2 by two stages, both with a cool-down of 30 days \
            by default. `alerts dispose --incident` opens one for an alert.
            """
    ) { invocation in
        _ = try invocation.require("severity")
        guard let severity = try invocation.number("severity", in: Incident.severities) else {
            throw Failure(.usage, "missing option `--severity`")
        }
        var body: JSONObject = [
            "severity": .integer(Int64(severity)),
            "reason": .string(try invocation.require("reason")),
        ]
        if let text = invocation["agent"] {
            body["agent"] = .string(try Invocation.agentName(text).text)
        }
        guard !invocation.has("run") || invocation.has("agent") else {
            throw Failure(.usage, "name the agent of the run", help: "add `--agent AGENT`")
        }
        body["run"] = invocation.json("run")
        let incident = try invocation.gateway().post("/v1/incidents", .object(body))
        return invocation.print(incident, "incident \(incident.text("id")): open")
    }

    package static let incidentsAct = Command(
        "incidents act ID", "record what was done about an incident",
        example:
            "interlock incidents act 01kag0q9m2c4e6g8j0k2n4p6r8 --did 'The token was revoked'",
        options: [
            .directory, .json,
            Option("--did TEXT", "what was done, 1 to 500 characters; recorded").required,
            Option("--case CASE", "the eval case that was made from it"),
        ],
        exits: .ofOrders
    ) { invocation in
        let id = try incidentID(invocation)
        var body: JSONObject = ["reason": .string(try invocation.require("did"))]
        body["case"] = invocation.json("case")
        let incident = try invocation.gateway().post("/v1/incidents/\(id)/actions", .object(body))
        return invocation.print(
            incident, "incident \(incident.text("id")): \(incident.rows("actions").count) actions")
    }

    package static let incidentsClose = Command(
        "incidents close ID", "close an incident with its cause",
        example:
            "interlock incidents close 01kag0q9m2c4e6g8j0k2n4p6r8 --cause fault --reason 'A stale list'",
        options: [
            .directory, .json,
            Option("--cause CAUSE", "attack, fault, policy, agent or other").required,
            Option("--reason TEXT", "why, 1 to 500 characters; recorded").required,
        ],
        exits: .ofOrders,
        notes: "It stays closed and undoes no demotion: the agent rises again by a promotion alone."
    ) { invocation in
        let id = try incidentID(invocation)
        let cause: IncidentCause = try Invocation.choice(try invocation.require("cause"), "cause")
        let incident = try invocation.gateway().post(
            "/v1/incidents/\(id)/end",
            [
                "cause": .string(cause.rawValue),
                "reason": .string(try invocation.require("reason")),
            ])
        return invocation.print(incident, "incident \(incident.text("id")): closed")
    }
}

private func incidentID(_ invocation: Invocation) throws(Failure) -> IncidentID {
    try invocation.argument("no id of an incident", help: "interlock incidents list") {
        IncidentID($0)
    }
}

@Sendable private func about(_ incident: JSONValue) -> String {
    guard let trigger = incident["trigger"]?.string.flatMap(IncidentTrigger.init(rawValue:)) else {
        return incident.text("reason")
    }
    return trigger.text
}

/// The incident in the order in which it went.
private func lines(of incident: JSONValue) -> [String] {
    var lines = [
        "incident  \(incident.text("id"))  severity \(incident.number("severity"))",
        "about     agent \(incident.text("agent"))  run \(incident.text("run"))  alert \(incident.text("alert"))",
        "opened    \(incident.text("opened"))  \(about(incident))",
    ]
    for action in incident.rows("actions") {
        let name = action["case"] == nil ? "" : "  case \(action.text("case"))"
        lines.append("action    \(action.text("at"))  \(action.text("text"))\(name)")
    }
    guard incident["closed"] != nil else { return lines + ["closed    no"] }
    return lines + [
        "closed    \(incident.text("closed"))  \(incident.text("cause")): \(incident.text("closed_reason"))"
    ]
}
