import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockReview
import InterlockReviews

// The forms of a review. What is refused is said on the page of the review.
extension Console {
    func startReview(
        _ route: ReviewRoute, _ actions: any ReviewActions, _ body: [UInt8],
        _ session: PersonSession
    ) async -> HTTPResponse {
        guard let form = form(body, of: session) else { return foreign(session) }
        let end = form["to"].isEmpty ? clock.wall : CivilDate(form["to"])?.start
        guard let start = CivilDate(form["from"])?.start, let end,
            let period = ReviewPeriod(from: start, to: end)
        else {
            let reason =
                form["from"].isEmpty
                ? "`First day of the period` is empty" : "a period has at most 400 days"
            return await governanceReviewPage(
                of: route.agent, session, status: 422,
                refused: RefusedForm(fields: form, reason: reason))
        }
        let (scope, person) = (reviewScope(route.agent), reviewPerson(session))
        return await changed(route.agent, form, session) { () async throws(Problem) in
            try await actions.start(scope, period, by: person)
        }
    }

    func markRecord(
        _ leaf: Digest, _ route: ReviewRoute, _ actions: any ReviewActions, _ body: [UInt8],
        _ session: PersonSession
    ) async -> HTTPResponse {
        guard let form = form(body, of: session) else { return foreign(session) }
        guard let choice = MarkChoice(rawValue: form["as"]) else {
            let refused = RefusedForm(
                fields: form, reason: "say whether the record is in order")
            return await reviewedRecord(leaf, route, actions, session, 422, refused)
        }
        let (scope, person) = (reviewScope(route.agent), reviewPerson(session))
        do throws(Problem) {
            try await actions.mark(
                leaf, of: scope, as: choice.word, severity: choice.severity, note: form["note"],
                by: person)
            return .seeOther(ReviewRoute(route.agent).link)
        } catch {
            let refused = RefusedForm(fields: form, reason: error.detail)
            // The record is shown again with the note, unless it needs to be opened first.
            if error.kind == .malformed || error.kind == .tooLarge {
                return await reviewedRecord(
                    leaf, route, actions, session, error.kind.status, refused)
            }
            guard error.kind != .noSuchAgent else { return self.refused(error, session) }
            return await governanceReviewPage(
                of: route.agent, session, status: error.kind.status, refused: refused)
        }
    }

    func stateReview(
        _ route: ReviewRoute, _ actions: any ReviewActions, _ body: [UInt8],
        _ session: PersonSession
    ) async -> HTTPResponse {
        guard let form = form(body, of: session) else { return foreign(session) }
        let change: ReviewChange
        do throws(ReviewFormFault) {
            guard let part = StatementPart(rawValue: form["part"]) else {
                throw ReviewFormFault.otherForm
            }
            change = try ReviewChange(part, form)
        } catch {
            return await governanceReviewPage(
                of: route.agent, session, status: 422,
                refused: RefusedForm(fields: form, reason: error.text))
        }
        let (scope, person) = (reviewScope(route.agent), reviewPerson(session))
        return await changed(route.agent, form, session) { () async throws(Problem) in
            try await actions.state(change, on: scope, by: person)
        }
    }

    private func changed(
        _ agent: AgentName?, _ form: FormBody, _ session: PersonSession,
        _ body: () async throws(Problem) -> Void
    ) async -> HTTPResponse {
        do throws(Problem) {
            try await body()
            return .seeOther(ReviewRoute(agent).link)
        } catch {
            guard error.kind != .noSuchAgent else { return refused(error, session) }
            return await governanceReviewPage(
                of: agent, session, status: error.kind.status,
                refused: RefusedForm(fields: form, reason: error.detail))
        }
    }
}

/// The marks that people choose from.
enum MarkChoice: String, CaseIterable {
    case ok, unclear
    case minor = "finding-3"
    case serious = "finding-2"
    case severe = "finding-1"

    var word: String {
        switch self {
        case .ok: "ok"
        case .unclear: "unclear"
        case .minor, .serious, .severe: "finding"
        }
    }

    var severity: Int? {
        switch self {
        case .ok, .unclear: nil
        case .minor: 3
        case .serious: 2
        case .severe: 1
        }
    }

    var text: String {
        switch self {
        case .ok: "in order"
        case .unclear: "unclear"
        case .minor: "a finding of severity 3"
        case .serious: "a finding of severity 2"
        case .severe: "a finding of severity 1, the worst"
        }
    }
}
