import InterlockAdministration
import InterlockJSON
import InterlockMCP
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    func runs(
        _ route: RunsRoute, _ query: String?, _ body: [UInt8], _ session: PersonSession
    ) async -> HTTPResponse {
        guard let runs = sources.runs else { return absent(session) }
        let reader = reader(session)
        do throws(EvidenceRefusal) {
            switch route {
            case .list: return try await listPage(runs, query, reader, session)
            case .run(let run):
                guard let from = Self.place(query) else { return malformed(session) }
                return runPage(
                    try await runs.story(of: run, from: from, limit: Self.pageSize, for: reader),
                    session)
            case .replay(let run): return try await replay(run, runs, body, reader, session)
            case .bundle(let run): return .file(try await runs.bundle(of: run, for: reader))
            }
        } catch {
            return problem(error, session)
        }
    }

    private func listPage(
        _ runs: any RunQueries, _ query: String?, _ reader: EvidenceReader, _ session: PersonSession
    ) async throws(EvidenceRefusal) -> HTTPResponse {
        guard let fields = FormFields.parse(query ?? ""), let form = try? RunsForm(fields) else {
            return malformed(session)
        }
        let found = try await runs.runs(
            form.query, before: form.before, limit: Self.pageSize, for: reader)
        let page = RunsPage(form: form, found: found)
        return Page(
            title: "Runs", section: .runs, viewer: session, header: page.header, readsLog: true
        ) {
            page.content
        }.response(200, frame)
    }

    private func replay(
        _ run: RunID, _ runs: any RunQueries, _ body: [UInt8], _ reader: EvidenceReader,
        _ session: PersonSession
    ) async throws(EvidenceRefusal) -> HTTPResponse {
        guard let form = form(body, of: session) else { return foreign(session) }
        guard let level = ReplayLevel(rawValue: form["level"]) else { return malformed(session) }
        let report = try await runs.replay(run, level, for: reader)
        let story = try await runs.story(of: run, from: 0, limit: Self.pageSize, for: reader)
        return runPage(story, session, replayed: report)
    }

    private func runPage(
        _ story: RunDetail, _ session: PersonSession, replayed: ReplayReport? = nil
    ) -> HTTPResponse {
        let orders =
            story.line.state == .ended
            ? [] : stopping(.run(story.line.run), story.line.halt, session)
        let page = RunPage(
            story: story, formToken: session.formToken, orders: orders, replayed: replayed,
            stop: orders.isEmpty ? nil : stopAction("Stop this run", story.line.halt, session))
        return Page(
            title: page.title, section: .runs, viewer: session, header: page.header,
            signsOrders: true, readsLog: true
        ) { page.content }.response(200, frame)
    }

    /// Returns the first step of a page, or nil if the address is malformed.
    private static func place(_ query: String?) -> Int? {
        guard let fields = FormFields.parse(query ?? ""), fields.keys.allSatisfy({ $0 == "from" })
        else { return nil }
        guard let text = fields["from"] else { return 0 }
        return Int(text).flatMap { (0...1_000_000).contains($0) ? $0 : nil }
    }
}
