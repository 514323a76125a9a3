import InterlockAdministration
import InterlockPorts

extension Console {
    func nowPage(_ session: PersonSession) async -> HTTPResponse {
        guard let standing = sources.standing else { return absent(session) }
        let view = await standing.now(for: sources.sight(session.person))
        let mine = await inbox.requests(for: session.person).count {
            InboxView.Tab.mine.has($0, for: session.person)
        }
        return Page(title: "Now", section: .now, viewer: session, live: .standing, hasChart: true) {
            NowPage(view: view, mine: mine).content
        }.response(200, frame)
    }
}
