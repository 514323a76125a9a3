import InterlockAPI
import InterlockAdministration
import InterlockEvidence
import InterlockMCP
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    func hostsPage(_ query: String?, _ session: PersonSession) async -> HTTPResponse {
        guard let hosts = sources.hosts else { return absent(session) }
        guard let fields = FormFields.parse(query ?? ""), let form = try? HostsForm(fields) else {
            return malformed(session)
        }
        do throws(EvidenceRefusal) {
            let found = try await hosts.sessions(
                form.query, before: form.before, for: reader(session))
            let page = HostsPage(
                form: form, found: found,
                seesAgents: sources.visibility(session.person).seesSomeAgents)
            return Page(
                title: "Hosts", section: .hosts, viewer: session, header: page.header,
                readsLog: true
            ) { page.content }.response(200, frame)
        } catch {
            return problem(error, session)
        }
    }

    /// The sessions of coding agents in a run; nil if none of these steps is of a hook, so that runs without one are read
    /// once.
    func hosts(
        of story: RunDetail, _ session: PersonSession
    ) async throws(EvidenceRefusal) -> RunHosts? {
        guard let hosts = sources.hosts, RunHosts.areIn(story.steps.steps) else { return nil }
        let found = try await hosts.sessions(
            HostQuery(run: story.line.run), before: nil, for: reader(session))
        return found.sessions.isEmpty ? nil : RunHosts(found: found)
    }
}
