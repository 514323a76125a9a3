import InterlockAdministration
import InterlockAlerts
import InterlockEvidence
import InterlockIncidents
import InterlockJSON
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations on incidents. Those of an alert are opened and closed with its disposition, too.
    static let incidents: [Operation] = [
        Operation(
            name: "listIncidents", method: .get, path: "/incidents",
            summary: "The newest incidents that this person sees, newest first.",
            query: [
                .maybe("state", .choice(["open", "closed"]), "Only these."),
                .maybe("agent", .text(.agent), "About this agent."),
            ],
            answer: .record(
                "Incidents",
                .init(
                    "incidents", .list(of: Incident.self, 0...IncidentService.mostListed),
                    "Newest first.")),
            problems: [.notRead], isLocal: true,
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                let name = call.query["agent"]?.string
                let agent = name.flatMap { AgentName($0) }
                guard name == nil || agent != nil else {
                    throw Problem(.malformed, "parameter `agent` is no agent's name")
                }
                let isOpen = call.query["state"]?.string.map { $0 == "open" }
                return try await api.incidents { incidents throws(IncidentRefusal) in
                    let found = try await incidents.incidents(
                        isOpen: isOpen, of: agent, for: visibility)
                    return ["incidents": .array(found.map(Incident.form.json))]
                }
            }),
        Operation(
            name: "openIncident", method: .post, path: "/incidents",
            summary: "Opens an incident without an alert; on record when answered. Severity 1 "
                + "takes all autonomy from the agent, severity 2 two stages.",
            body: .record(
                "IncidentOpening",
                .init("severity", .whole(1...3), "1 is the worst."),
                .maybe("agent", .text(.agent), "The agent that it is about."),
                .maybe("run", .text(.id), "The run of this agent that it is about."),
                .init("reason", .text(.words(most: Incident.longestText)), "Why; recorded.")),
            answer: Incident.form.shape, problems: changing + [.noSuchAgent], isLocal: true,
            handler: .answer { api, call throws(Problem) in
                let (visibility, author) = (try api.visibility(call), try call.author())
                let draft = IncidentDraft(
                    severity: Int(clamping: call.body["severity"]?.integer ?? 0),
                    agent: call.body["agent"]?.string.flatMap { AgentName($0) },
                    run: call.body["run"]?.string.flatMap { RunID($0) }, reason: call.reason)
                guard (call.body["agent"] == nil) == (draft.agent == nil),
                    (call.body["run"] == nil) == (draft.run == nil)
                else { throw Problem(.malformed, "`agent` or `run` is no name of one") }
                return try await api.incidents { incidents throws(IncidentRefusal) in
                    Incident.form.json(
                        try await incidents.open(draft, by: author, with: visibility))
                }
            }),
        Operation(
            name: "getIncident", method: .get, path: "/incidents/{incident}",
            summary: "An incident with what people did about it.", answer: Incident.form.shape,
            problems: reading, isLocal: true,
            handler: .reading { api, call throws(Problem) in
                let (id, visibility) = (try call.incident(), try api.visibility(call))
                return try await api.incidents { incidents throws(IncidentRefusal) in
                    Incident.form.json(try await incidents.incident(id, for: visibility))
                }
            }),
        Operation(
            name: "actOnIncident", method: .post, path: "/incidents/{incident}/actions",
            summary: "Records what was done about an open incident; on record when answered.",
            body: .record(
                "IncidentActing",
                .init("reason", .text(.words(most: Incident.longestText)), "What was done."),
                .maybe("case", .text(.plain(1...128)), "The eval case that was made from it.")),
            answer: Incident.form.shape, problems: changing + [.noSuchIncident], isLocal: true,
            handler: .answer { api, call throws(Problem) in
                let (id, visibility) = (try call.incident(), try api.visibility(call))
                let author = try call.author()
                return try await api.incidents { incidents throws(IncidentRefusal) in
                    Incident.form.json(
                        try await incidents.act(
                            on: id, call.reason, evalCase: call.body["case"]?.string, by: author,
                            with: visibility))
                }
            }),
        Operation(
            name: "closeIncident", method: .post, path: "/incidents/{incident}/end",
            summary: "Closes an incident, for good; on record when answered. What it demoted rises "
                + "again by a promotion alone.",
            body: .record(
                "IncidentClosing",
                .init("cause", .choice(of: IncidentCause.self), "What the cause was."),
                .init("reason", .text(.words(most: Incident.longestText)), "Why; recorded.")),
            answer: Incident.form.shape, problems: changing + [.noSuchIncident], isLocal: true,
            handler: .answer { api, call throws(Problem) in
                let (id, visibility) = (try call.incident(), try api.visibility(call))
                let author = try call.author()
                guard let cause = call.body["cause"]?.string.flatMap(IncidentCause.init(rawValue:))
                else { throw Problem(.malformed, "the cause is unknown") }
                return try await api.incidents { incidents throws(IncidentRefusal) in
                    Incident.form.json(
                        try await incidents.close(
                            id, cause: cause, reason: call.reason, by: author, with: visibility))
                }
            }),
    ]

    private static let reading: [ProblemKind] = [.noSuchIncident, .notRead]
    private static let changing: [ProblemKind] = [
        .notRead, .notEligible, .otherState, .notRecorded, .notKept,
    ]
}

extension APIRequestContext {
    fileprivate func incident() throws(Problem) -> IncidentID {
        guard let id = places["incident"].flatMap({ IncidentID($0) }) else {
            throw Problem(IncidentRefusal.missing)
        }
        return id
    }
}

extension OperationServices {
    fileprivate func incidents(
        _ body: (IncidentService) async throws(IncidentRefusal) -> JSONValue
    ) async throws(Problem) -> JSONValue {
        let incidents = try part(sources.incidents)
        do throws(IncidentRefusal) { return try await body(incidents) } catch {
            throw Problem(error)
        }
    }
}

extension Problem {
    fileprivate init(_ refusal: IncidentRefusal) {
        let kind: ProblemKind =
            switch refusal {
            case .missing: .noSuchIncident
            case .notTheirs: .notEligible
            case .noSuchAgent: .noSuchAgent
            case .agentOfRun, .severity, .text, .evalCase: .malformed
            case .closed, .full: .otherState
            case .notRecorded: .notRecorded
            case .unavailable: .notRead
            case .unstored: .notKept
            }
        self.init(
            kind, refusal.sentence, help: kind == .noSuchIncident ? "interlock incidents list" : nil
        )
    }
}
