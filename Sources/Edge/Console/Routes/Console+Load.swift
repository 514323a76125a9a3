import InterlockAdministration
import InterlockModel
import InterlockPorts

extension Console {
    func loadPage(_ query: String?, _ session: PersonSession) async -> HTTPResponse {
        guard let load = sources.load else { return absent(session) }
        guard let query = ListQuery(query) else { return malformed(session) }
        do throws(LoadUnread) {
            let page = try load.load(page: query.page, for: sources.sight(session.person))
            let content = ApproverLoadPage(
                rows: PagedRows(page.lines, of: page.count, page: query.page))
            return Page(title: "Load of approvers", section: .approvals, viewer: session) {
                content.content
            }.response(200, frame)
        } catch {
            return problem(
                503, "What was decided is still read from the log. Load the page again soon.",
                viewer: session, ("retry-after", "5"))
        }
    }
}
