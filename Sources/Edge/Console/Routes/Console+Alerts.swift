import InterlockAPI
import InterlockAdministration
import InterlockAlerts
import InterlockChangeGate
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    func nowPage(_ session: PersonSession) async -> HTTPResponse {
        guard let status = sources.status else { return absent(session) }
        let visibility = sources.visibility(session.person)
        let denied = sources.agents?.mostDenied(NowPage.mostDenied, for: visibility)
        let page = NowPage(
            view: await status.now(for: visibility), mine: waiting, sections: frame.sections,
            seesAgents: visibility.seesSomeAgents,
            weakPoints: await status.health(for: visibility).weakPoints.count,
            denied: denied,
            warnings: sources.evals?.warnings(about: (denied ?? []).map(\.name)) ?? [:])
        return Page(
            title: "Overview", section: .now, viewer: session, header: page.header, live: .status,
            hasChart: true
        ) { page.content }.response(200, frame)
    }

    func alertPage(
        _ route: AlertsRoute, _ query: String?, _ body: [UInt8], _ session: PersonSession
    ) async -> HTTPResponse {
        guard let alarms = sources.alarms else { return absent(session) }
        switch route {
        case .list: return await alertList(alarms, query, session)
        case .story(let id): return await alertStory(id, alarms, session)
        case .dispose(let id): return await dispose(id, alarms, body, session)
        case .incident(let id): return await incidentPage(id, session)
        case .act(let id): return await actOnIncident(id, body, session)
        case .close(let id): return await closeIncident(id, body, session)
        }
    }

    private func alertList(
        _ alarms: any AlertTriage, _ query: String?, _ session: PersonSession
    ) async -> HTTPResponse {
        guard let query = ListQuery(query), let filter = AlertFilter(query) else {
            return malformed(session)
        }
        do throws(AlertTriageRefusal) {
            let visibility = sources.visibility(session.person)
            let page = AlertsPage(
                view: try await alarms.alarms(filter, page: query.page, for: visibility),
                filter: filter, page: query.page, viewer: visibility,
                open: sources.tasks == nil ? nil : openAlerts)
            return Page(
                title: "Alerts", section: .alerts, viewer: session, header: page.header,
                live: .status
            ) { page.content }.response(200, frame)
        } catch {
            return refused(error, session)
        }
    }

    private func alertStory(
        _ id: AlertID, _ alarms: any AlertTriage, _ session: PersonSession, status: Int = 200,
        refused: RefusedForm? = nil
    ) async -> HTTPResponse {
        do throws(AlertTriageRefusal) {
            let page = AlertPage(
                view: try await alarms.alarm(id, for: sources.visibility(session.person)),
                formToken: session.formToken,
                canStop: orderSigner(session)?.roles.contains(.kill) == true, refused: refused)
            return Page(
                title: "Alert", section: .alerts, viewer: session, header: page.header,
                live: .status, hasChart: page.view.alarm.window != nil
            ) { page.content }.response(status, frame)
        } catch {
            return self.refused(error, session)
        }
    }

    private func dispose(
        _ id: AlertID, _ alarms: any AlertTriage, _ body: [UInt8], _ session: PersonSession
    ) async -> HTTPResponse {
        guard let form = form(body, of: session) else { return foreign(session) }
        guard
            let verdict = AlertVerdict(
                form["as"], incident: form["incident"], reason: form["reason"])
        else {
            return await alertStory(
                id, alarms, session, status: 422,
                refused: RefusedForm(
                    fields: form,
                    reason: "say what it was or what becomes of its incident, and why"))
        }
        do throws(AlertTriageRefusal) {
            try await alarms.dispose(
                of: id, as: verdict.disposition, reason: verdict.reason, verdict.step,
                by: session.pseudonym, with: sources.visibility(session.person))
            return .seeOther(AlertsRoute.link(to: id))
        } catch {
            return await alertStory(
                id, alarms, session, status: error.status,
                refused: RefusedForm(fields: form, reason: error.sentence))
        }
    }

    private func refused(
        _ refusal: AlertTriageRefusal, _ session: PersonSession
    ) -> HTTPResponse {
        switch refusal {
        case .missing:
            problem(404, "Alert not found, or no access", viewer: session)
        default: problem(refusal.status, "Alerts cannot be read now.", viewer: session)
        }
    }
}

extension AlertFilter {
    /// Returns nil if a value is not one that our form offers.
    init?(_ query: ListQuery) {
        guard let severity = query.choice("severity", AlertSeverity.init(rawValue:)),
            let agent = query.choice("agent", { AgentName($0) }),
            let isDisposed = query.choice("disposed", { ["yes": true, "no": false][$0] }),
            let order = query.choice("sort", { Sorting($0) })
        else { return nil }
        self.init(
            code: query["code"], agent: agent, severity: severity, isDisposed: isDisposed,
            order: order)
    }
}
