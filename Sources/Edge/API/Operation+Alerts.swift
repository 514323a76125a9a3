import InterlockAdministration
import InterlockAlerts
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockSchemas

extension Operation {
    /// Operations on alerts and their dispositions.
    static let alerts: [Operation] = [
        Operation(
            name: "listAlerts", method: .get, path: "/alerts",
            summary:
                "What was noticed in the last 30 days, as far as this person sees it; the newest first "
                + "unless `sort` says otherwise.",
            query: [
                .maybe("code", .text(.plain(1...256)), "Of this code."),
                .maybe("agent", .text(.agent), "About this agent."),
                .maybe("severity", .choice(of: AlertSeverity.self), "Of this severity."),
                .maybe("disposed", .choice(["yes", "no"]), "Whether a disposition was recorded."),
                AlertFilter.Sorting.parameter, Paging.parameter,
            ],
            answer: AlertListing.form.shape, problems: [.notRead], isLocal: true,
            handler: .reading { api, call throws(Problem) in try await api.listAlerts(call) }),
        Operation(
            name: "getAlert", method: .get, path: "/alerts/{alert}",
            summary: "What raised it, its recipients, and its disposition.",
            answer: AlertDetail.form.shape, problems: reading, isLocal: true,
            handler: .reading { api, call throws(Problem) in
                let (id, visibility) = (try call.alert(), try api.visibility(call))
                return try await api.alarms { alarms throws(AlertTriageRefusal) in
                    AlertDetail.form.json(try await alarms.alarm(id, for: visibility))
                }
            }),
        Operation(
            name: "disposeAlert", method: .post, path: "/alerts/{alert}/disposition",
            summary: "Says what it was, and what becomes of its incident; on record when answered.",
            body: .record(
                "AlertDisposition",
                .maybe("as", .choice(of: Disposition.self), "What it was."),
                .maybe(
                    "incident", .choice(["1", "2", "3", "close"]),
                    "Opens one of this severity, or ends it."),
                .init("reason", .text(.words(most: AlertDisposition.longestReason)), "Why.")),
            answer: AlertDetail.form.shape,
            problems: reading + [.notEligible, .disposedAlready, .noOpenIncident, .notRecorded],
            isLocal: true,
            handler: .answer { api, call throws(Problem) in try await api.disposeAlert(call) }),
        Operation(
            name: "listDetectors", method: .get, path: "/detectors",
            summary: "How many of each detector's alerts of 30 days were something.",
            answer: .record(
                "Detectors",
                .init("detectors", .list(of: DetectorStatistics.self, 0...1000), "By name.")),
            problems: [.notRead],
            handler: .reading { api, _ throws(Problem) in
                try await api.alarms { alarms throws(AlertTriageRefusal) in
                    [
                        "detectors": .array(
                            try await alarms.detectors().map(DetectorStatistics.form.json))
                    ]
                }
            }),
    ]

    private static let reading: [ProblemKind] = [.noSuchAlert, .notRead]
}

extension APIRequestContext {
    fileprivate func alert() throws(Problem) -> AlertID {
        guard let id = places["alert"].flatMap({ AlertID($0) }) else {
            throw Problem(AlertTriageRefusal.missing)
        }
        return id
    }
}

extension OperationServices {
    fileprivate func alarms(
        _ body: (any AlertTriage) async throws(AlertTriageRefusal) -> JSONValue
    ) async throws(Problem) -> JSONValue {
        let alarms = try part(sources.alarms)
        do throws(AlertTriageRefusal) { return try await body(alarms) } catch {
            throw Problem(error)
        }
    }

    fileprivate func listAlerts(_ call: APIQuery) async throws(Problem) -> JSONValue {
        let visibility = try visibility(call)
        let name = call.query["agent"]?.string
        let agent = name.flatMap { AgentName($0) }
        guard name == nil || agent != nil else {
            throw Problem(.malformed, "parameter `agent` is no agent's name")
        }
        let filter = AlertFilter(
            code: call.query["code"]?.string, agent: agent,
            severity: call.query["severity"]?.string.flatMap(AlertSeverity.init(rawValue:)),
            isDisposed: call.query["disposed"]?.string.map { $0 == "yes" },
            order: AlertFilter.Sorting(call.query))
        return try await alarms { alarms throws(AlertTriageRefusal) in
            let view = try await alarms.alarms(filter, page: call.page, for: visibility)
            return AlertListing.form.json(
                AlertListing(
                    view: view, rows: PagedRows(view.alarms, of: view.count, page: call.page)))
        }
    }

    fileprivate func disposeAlert(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let (id, visibility, author) = (try call.alert(), try visibility(call), try call.author())
        guard
            let verdict = AlertVerdict(
                call.body["as"]?.string ?? "", incident: call.body["incident"]?.string ?? "",
                reason: call.reason)
        else { throw Problem(.malformed, "say what it was, or what becomes of its incident") }
        return try await alarms { alarms throws(AlertTriageRefusal) in
            try await alarms.dispose(
                of: id, as: verdict.disposition, reason: verdict.reason, verdict.step,
                by: author, with: visibility)
            return AlertDetail.form.json(try await alarms.alarm(id, for: visibility))
        }
    }
}

extension Problem {
    fileprivate init(_ refusal: AlertTriageRefusal) {
        let kind: ProblemKind =
            switch refusal {
            case .missing: .noSuchAlert
            case .notTheirs: .notEligible
            case .disposedAlready: .disposedAlready
            case .noOpenIncident: .noOpenIncident
            case .notRecorded: .notRecorded
            case .unavailable: .notRead
            }
        self.init(
            kind, refusal.sentence, help: kind == .noSuchAlert ? "interlock alerts list" : nil)
    }
}
