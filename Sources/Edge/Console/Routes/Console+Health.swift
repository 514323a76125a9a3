import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    func healthPage(_ session: PersonSession) async -> HTTPResponse {
        guard let status = sources.status else { return absent(session) }
        let page = HealthPage(
            health: await status.health(for: sources.visibility(session.person)),
            sections: frame.sections)
        return Page(
            title: "Health", section: .health, viewer: session, header: page.header, live: .status
        ) { page.content }.response(200, frame)
    }
}
