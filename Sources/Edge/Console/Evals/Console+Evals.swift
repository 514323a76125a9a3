import InterlockAPI
import InterlockAdministration
import InterlockChangeGate
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    func evalsPage(_ query: String?, _ session: PersonSession) -> HTTPResponse {
        guard let evals = sources.evals else { return absent(session) }
        guard let query = ListQuery(query),
            let state = query.choice("state", { GateOutlook.State(rawValue: $0) })
        else { return malformed(session) }
        let visibility = sources.visibility(session.person)
        let page = EvalsPage(
            listing: evals.agents(in: state, page: query.page, for: visibility), state: state,
            seesSome: visibility.seesSomeAgents)
        return Page(
            title: EvalsPage.title, section: .evals, viewer: session, header: page.header,
            live: .status
        ) { page.content }.response(200, frame)
    }
}
