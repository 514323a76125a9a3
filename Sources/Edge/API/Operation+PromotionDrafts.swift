import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockPromotions
import InterlockSchemas
import InterlockTrust

extension Operation {
    /// Operations by which people read proposals of promotions, and sign them by passkey.
    static let promotionDrafts: [Operation] = [
        Operation(
            name: "listPromotionProposals", method: .get, path: "/promotion-proposals",
            summary:
                "The promotions that wait for signatures, as far as this person sees the agents "
                + "or is asked to decide; the newest first.",
            query: [.maybe("agent", .text(.plain(1...256)), "About this agent.")],
            answer: .record(
                "ProposedPromotions",
                .init(
                    "proposals", .list(of: ProposalView.self, 0...100_000),
                    "Each with its evidence."
                )), problems: [.notRead],
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                guard let all = try api.part(api.sources.promotionActions).waiting() else {
                    throw Problem(.notRead, "the proposals were not read yet; try again")
                }
                let agent = call.query["agent"]?.string
                let seen = all.filter { view in
                    view.isSeen(by: visibility)
                        && agent.map { sameBytes(view.agent.text, $0) } ?? true
                }
                return ["proposals": .array(seen.map { ProposalView.form.json($0) })]
            }),
        Operation(
            name: "getPromotionProposal", method: .get, path: "/promotion-proposals/{proposal}",
            summary:
                "A promotion that was proposed: each criterion with value and threshold, and the "
                + "document that people sign.",
            answer: ProposalView.form.shape, problems: [.notRead, .noSuchOrder],
            handler: .reading { api, call throws(Problem) in
                ProposalView.form.json(try await api.proposal(call))
            }),
        Operation(
            name: "draftPromotion", method: .post, path: "/promotion-proposals/{proposal}/draft",
            summary:
                "The document of a promotion for a passkey of the signed-in person to sign and "
                + "`decidePromotion` to take. The first decider states why and who else decides; the "
                + "others sign the same one.",
            body: .record(
                "PromotionDraftRequest",
                .maybe(
                    "rationale", .text(.plain(rationale)), "Why, of the first decider; on one line."
                ),
                .maybe(
                    "with", .text(.plain(0...2_048)),
                    "The addresses of the other deciders, separated by commas."),
                .maybe(
                    "days", .text(.plain(1...3)),
                    "How long it counts; omitted for as long as the criteria permit.")),
            answer: OrderDraft.form.shape,
            problems: [.notEligible, .notRead, .noSuchOrder, .otherState, .signedAlready],
            handler: .answer { api, call throws(Problem) in try await api.draftPromotion(call) }),
        Operation(
            name: "decidePromotion", method: .post, path: "/promotion-proposals/{proposal}/sign",
            summary: "Takes the signature of a decider: a DSSE envelope of "
                + "`\(PayloadType.promotion.text)`. The evidence is computed again; with the last "
                + "signature the agent is promoted.",
            body: signed("PromotionEnvelope", .promotion, of: "promotion"), isSigned: true,
            answer: .record(
                "PromotionOutcome",
                .init(
                    "state", .choice(["requested", "granted"]),
                    "`requested`: it waits for other people."),
                .init(
                    "waits_for", .list(.text(.plain(1...254)), count: 0...8),
                    "The deciders who have not signed.")),
            problems: [
                .badSignature, .badAssertion, .notEligible, .notRead, .notRecorded, .noSuchOrder,
                .noSuchAgent, .otherState, .tooLarge,
            ],
            handler: .answer { api, call throws(Problem) in try await api.decidePromotion(call) }),
    ]

    private static let rationale = Promotion.leastRationale...1_000
}

extension OperationServices {
    /// Returns the proposal that the path names.
    ///
    /// - Throws: `noSuchOrder` also if this person may not read it.
    fileprivate func proposal(_ call: some APIRequestContext) async throws(Problem) -> ProposalView
    {
        let visibility = try visibility(call)
        let actions = try part(sources.promotionActions)
        let view = try await actions.view(try Self.evidence(call))
        guard view.isSeen(by: visibility) else { throw Self.noProposal }
        return view
    }

    private static func evidence(_ call: some APIRequestContext) throws(Problem) -> Digest {
        guard let evidence = call.places["proposal"].flatMap({ Digest(hex: $0) }) else {
            throw noProposal
        }
        return evidence
    }

    private static var noProposal: Problem {
        Problem(.noSuchOrder, "there is no such proposal, or no access to it")
    }

    fileprivate func draftPromotion(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let view = try await proposal(call)
        let session = try call.person()
        let relyingParty = try relyingParty()
        let draft = try await part(sources.promotionActions).draft(
            view.evidence, try Self.terms(call.body), by: session.person)
        return OrderDraft.form.json((draft, relyingParty))
    }

    /// Returns nil if nothing is stated, as of those who sign the document of another person.
    private static func terms(_ body: JSONValue) throws(Problem) -> PromotionTerms? {
        guard let rationale = body["rationale"]?.string else { return nil }
        var others: [Person] = []
        for text in (body["with"]?.string ?? "").split(separator: ",") {
            let address = text.trimmingSpaces
            guard !address.isEmpty else { continue }
            guard let person = Person(address) else {
                throw Problem(.malformed, "member `with` must be addresses, separated by commas")
            }
            if !others.contains(person) { others.append(person) }
        }
        var lasts: Duration?
        if let text = body["days"]?.string {
            guard let days = Int64(text), (1...366).contains(days) else {
                throw Problem(.malformed, "member `days` must be 1 to 366")
            }
            lasts = .seconds(days * 86_400)
        }
        return PromotionTerms(rationale: rationale, others: others, lasts: lasts)
    }

    fileprivate func decidePromotion(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let view = try await proposal(call)
        let answer = try await part(sources.promotionActions).sign(
            view.evidence, call.body, by: try call.author())
        return [
            "state": answer["promoted"] == .bool(true) ? "granted" : "requested",
            "waits_for": answer["waits_for"] ?? [],
        ]
    }
}

extension Substring {
    /// The text without spaces at both ends.
    fileprivate var trimmingSpaces: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
