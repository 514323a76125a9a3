import InterlockApprovals
import InterlockGateway
import InterlockJSON
import InterlockModel

/// What the script of a review page asks. It is not trusted: every rule is held behind `VotingPages`.
extension Console {
    func viewed(
        _ id: ApprovalID, _ body: [UInt8], _ session: PersonSession
    ) async -> HTTPResponse {
        await voting(body, session) { pages, form, revision throws(VotingRefusal) in
            let parts = form["parts"].split(separator: " ").compactMap {
                ReviewPart(rawValue: String($0))
            }
            try await pages.viewed(Set(parts), of: id, revision: revision, by: session)
            return [:]
        }
    }

    func voteChallenge(
        _ id: ApprovalID, _ body: [UInt8], _ session: PersonSession
    ) async -> HTTPResponse {
        let party = entry?.relyingParty ?? ""
        return await voting(body, session) { pages, form, revision throws(VotingRefusal) in
            let made = try await pages.challenge(
                id, revision: revision, typed: form["typed"], by: session)
            return [
                "statement": .string(Base64.encodeURL(made.statement)),
                "challenge": .string(Base64.encodeURL(made.challenge)), "rp_id": .string(party),
                "credentials": .array(made.credentials.map { .string($0.text) }),
            ]
        }
    }

    func vote(_ id: ApprovalID, _ body: [UInt8], _ session: PersonSession) async -> HTTPResponse {
        await voting(body, session) { pages, form, _ throws(VotingRefusal) in
            guard let statement = Base64.decodeURL(form["statement"]),
                let assertion = form.assertion
            else { throw .refused(.badAssertion(.malformed)) }
            try await pages.vote(statement, assertion, on: id, by: session)
            return [:]
        }
    }

    private typealias Deed =
        (any VotingPages, FormBody, _ revision: Int) async throws(VotingRefusal) -> JSONValue

    private func voting(
        _ body: [UInt8], _ session: PersonSession, _ deed: Deed
    ) async -> HTTPResponse {
        guard let pages = entry?.voting else {
            return .refusal(404, "no_such_request", "Nobody approves on this console.")
        }
        guard let form = FormBody(body), sessions.made(form["form_token"], for: session) else {
            return .refusal(403, "foreign_form", "This form is not of your session.")
        }
        guard let revision = Int(form["revision"]) else {
            return .refusal(400, "malformed", "This form is malformed.")
        }
        do throws(VotingRefusal) {
            return .script(200, try await deed(pages, form, revision))
        } catch {
            return .refusal(error.status, error.code, "Not done: \(error).")
        }
    }
}
