import InterlockAPI
import InterlockAdministration
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockTrust

extension Console {
    /// The page for those who see all agents, since its findings name them.
    func readinessPage(_ query: String?, _ session: PersonSession) async -> HTTPResponse {
        guard let reader = sources.readiness else { return absent(session) }
        guard let query = ListQuery(query),
            let stage = query.choice("stage", { AutonomyStage(name: $0) })
        else { return malformed(session) }
        guard sources.visibility(session.person).seesAll else {
            return problem(404, "Page not found, or no access", viewer: session)
        }
        let page = ReadinessPage(
            readiness: await reader.readiness(of: nil, for: stage),
            exceptions: sources.stageExceptions?() ?? [])
        return Page(
            title: ReadinessPage.title, section: .agents, viewer: session, header: page.header
        ) { page.content }.response(200, frame)
    }
}
