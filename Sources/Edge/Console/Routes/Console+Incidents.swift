import InterlockAPI
import InterlockAdministration
import InterlockAlerts
import InterlockEvidence
import InterlockIncidents
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    func incidentPage(
        _ id: IncidentID, _ session: PersonSession, status: Int = 200,
        refused: RefusedForm? = nil
    ) async -> HTTPResponse {
        guard let incidents = sources.incidents else { return absent(session) }
        let visibility = sources.visibility(session.person)
        do throws(IncidentRefusal) {
            let incident = try await incidents.incident(id, for: visibility)
            let page = IncidentPage(
                incident: incident,
                mayHandle: incidents.mayHandle(incident.agent, visibility),
                formToken: session.formToken, refused: refused)
            return Page(
                title: "Incident", section: .alerts, viewer: session, header: page.header,
                live: .status
            ) { page.content }.response(status, frame)
        } catch { return self.refused(error, session) }
    }

    func actOnIncident(
        _ id: IncidentID, _ body: [UInt8], _ session: PersonSession
    ) async -> HTTPResponse {
        guard let form = form(body, of: session) else { return foreign(session) }
        guard let incidents = sources.incidents else { return absent(session) }
        let (text, name) = (form["reason"], form["case"])
        let visibility = sources.visibility(session.person)
        return await changed(id, form, "act", session) { () async throws(IncidentRefusal) in
            _ = try await incidents.act(
                on: id, text, evalCase: name.isEmpty ? nil : name, by: session.pseudonym,
                with: visibility)
        }
    }

    func closeIncident(
        _ id: IncidentID, _ body: [UInt8], _ session: PersonSession
    ) async -> HTTPResponse {
        guard let form = form(body, of: session) else { return foreign(session) }
        guard let incidents = sources.incidents else { return absent(session) }
        guard let cause = IncidentCause(rawValue: form["cause"]) else {
            return await incidentPage(
                id, session, status: 422,
                refused: RefusedForm(fields: form, reason: "say what the cause was", step: "close"))
        }
        let (text, visibility) = (form["reason"], sources.visibility(session.person))
        return await changed(id, form, "close", session) { () async throws(IncidentRefusal) in
            _ = try await incidents.close(
                id, cause: cause, reason: text, by: session.pseudonym, with: visibility)
        }
    }

    private func changed(
        _ id: IncidentID, _ form: FormBody, _ step: String, _ session: PersonSession,
        _ body: () async throws(IncidentRefusal) -> Void
    ) async -> HTTPResponse {
        do throws(IncidentRefusal) {
            try await body()
            return .seeOther(AlertsRoute.link(to: id))
        } catch {
            guard error != .missing else { return refused(error, session) }
            let status = error == .text || error == .evalCase ? 422 : error.status
            return await incidentPage(
                id, session, status: status,
                refused: RefusedForm(fields: form, reason: error.sentence, step: step))
        }
    }

    private func refused(_ refusal: IncidentRefusal, _ session: PersonSession) -> HTTPResponse {
        switch refusal {
        case .missing: problem(404, "Incident not found, or no access", viewer: session)
        default: problem(refusal.status, "Incidents cannot be read now.", viewer: session)
        }
    }
}
