import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockChangeReview
import InterlockJSON
import InterlockMCP
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockWorkspace

extension Console {
    func changesPage(
        _ run: RunID, _ query: String?, _ session: PersonSession
    ) async -> HTTPResponse {
        guard let changes = sources.changes else { return absent(session) }
        guard let fields = FormFields.parse(query ?? ""),
            fields.keys.allSatisfy({ $0 == "selection" })
        else { return malformed(session) }
        let path = fields["selection"].flatMap { WorkspacePath(escaped: $0) }
        guard fields.isEmpty || path != nil else { return malformed(session) }
        do throws(WorkspaceApprovalRefusal) {
            let review = try await changes.review(
                of: run, path.map { [$0] } ?? [], for: session, sources.visibility(session.person))
            let page = ChangesPage(review: review, signer: orderSigner(session))
            return Page(
                title: page.title, section: .runs, viewer: session, header: page.header,
                signsOrders: true, readsLog: true
            ) { page.content }.response(200, frame)
        } catch {
            let problem = Problem(error)
            return self.problem(
                problem.kind.status, problem.kind.title + ": " + problem.detail, viewer: session)
        }
    }

    /// The step to the changes of a run, if the person may review them and there are any.
    func changesAction(_ run: RunID, _ session: PersonSession) -> HeaderAction? {
        guard
            sources.changes?.mayReview(
                run, session.person, sources.visibility(session.person)) == true
        else { return nil }
        return HeaderAction("Review changes", Link("runs", run.text, "changes"))
    }
}
