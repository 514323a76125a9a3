import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    func searchPage(_ query: String?, _ session: PersonSession) async -> HTTPResponse {
        guard let query = ListQuery(query), let request = SearchRequest(query) else {
            return malformed(session)
        }
        let results = api.operations.search(
            request, for: sources.visibility(session.person),
            requests: await inbox.requests(for: session.person))
        let page = SearchPage(request: request, results: results)
        return Page(
            title: "Search", viewer: session, header: page.header, searched: request.text.text
        ) { page.content }.response(200, frame)
    }
}

extension Console {
    /// Answers a document of rows alone, which the script of a page takes over.
    func paletteList(_ query: String?, _ session: PersonSession) async -> HTTPResponse {
        guard let query = ListQuery(query), let request = SearchRequest(query) else {
            return malformed(session)
        }
        let results = api.operations.palette(
            request, for: sources.visibility(session.person),
            requests: await inbox.requests(for: session.person))
        let list = PaletteList(
            request: request, groups: results.groups,
            audit: sources.records == nil ? nil : AuditSearchLink.link(request.text.text))
        return HTTPResponse(
            status: 200,
            headers: [
                ("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store"),
            ] + SecurityHeaders.all, body: list.document.document(times))
    }
}

extension SearchRequest {
    /// Returns nil if a chosen value is invalid.
    init?(_ query: ListQuery) {
        let text = query["q"] ?? ""
        guard let scope = query.choice("in", SearchScope.init(rawValue:)),
            let kind = query.choice("kind", SearchKind.init(rawValue:)),
            text.unicodeScalars.count <= Self.characters.upperBound
        else { return nil }
        self.init(
            text: SearchedText(text), scope: scope ?? .all, kind: kind, page: query.page)
    }
}
