import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockReview
import InterlockReviews
import InterlockSchemas

extension Operation {
    /// Operations by which people sign governance reviews by passkey. The rest of a review is on pages.
    static let reviewDrafts: [Operation] = [
        Operation(
            name: "draftReviewSignOff", method: .post, path: "/review-sign-offs/{review}/draft",
            summary:
                "The document of a review for a passkey of the signed-in person to sign and "
                + "`signOffReview` to take: the one that waits, or a new one of what the reviewers "
                + "stated on its page.",
            body: .record("ReviewDraftRequest"), answer: OrderDraft.form.shape,
            problems: [
                .notEligible, .notRead, .noSuchAgent, .noSuchOrder, .noSuchPerson, .otherState,
                .signedAlready,
            ],
            handler: .answer { api, call throws(Problem) in try await api.draftReview(call) }),
        Operation(
            name: "signOffReview", method: .post, path: "/review-sign-offs/{review}/sign",
            summary: "Takes the signature of a reviewer: a DSSE envelope of "
                + "`\(PayloadType.review.text)`. Everything is checked again; with the last "
                + "signature the review is signed.",
            body: signed("ReviewEnvelope", .review, of: "sign-off"), isSigned: true,
            answer: .record(
                "ReviewOutcome",
                .init(
                    "state", .choice(["requested", "granted"]),
                    "`requested`: it waits for other people."),
                .init(
                    "waits_for", .list(.text(.plain(1...254)), count: 0...8),
                    "The reviewers who have not signed.")),
            problems: [
                .badSignature, .badAssertion, .notEligible, .notRead, .notRecorded, .noSuchAgent,
                .noSuchOrder, .noSuchPerson, .otherState,
            ],
            handler: .answer { api, call throws(Problem) in try await api.signOffReview(call) }),
    ]
}

extension OperationServices {
    fileprivate func draftReview(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let (id, person) = (try Self.review(call), try reviewPerson(call))
        let relyingParty = try relyingParty()
        let draft = try await part(sources.reviewActions).draft(id, by: person)
        guard draft.payload.count <= Operation.largestOrder else {
            throw Problem(
                .tooLarge, "the document is too long for a page; sign it with a key",
                help: "interlock review sign \(id.text)")
        }
        return OrderDraft.form.json((draft, relyingParty))
    }

    fileprivate func signOffReview(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let (id, person) = (try Self.review(call), try reviewPerson(call))
        let answer = try await part(sources.reviewActions).sign(id, call.body, for: person)
        return [
            "state": answer["signed"] == .bool(true) ? "granted" : "requested",
            "waits_for": answer["waits_for"] ?? [],
        ]
    }

    private func reviewPerson(_ call: APIMutation) throws(Problem) -> ReviewPerson {
        let session = try call.person()
        return ReviewPerson(
            person: session.person, pseudonym: session.pseudonym,
            visibility: try visibility(call))
    }

    private static func review(_ call: APIMutation) throws(Problem) -> ReviewID {
        guard let id = call.places["review"].flatMap({ ReviewID($0) }) else {
            throw Problem(.noSuchOrder, "there is no such review, or no access to it")
        }
        return id
    }
}
