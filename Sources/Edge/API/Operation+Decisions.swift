import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSchemas

extension Operation {
    /// Operations to decide approval requests. The inbox and `PasskeyVoting` enforce every rule; the client is not
    /// trusted.
    static let decisions: [Operation] = [
        Operation(
            name: "viewApproval", method: .post, path: "/approvals/{approval}/viewed",
            summary: "These parts of the review were on screen to their end. The time that reading "
                + "takes begins with the first, which may name none.",
            body: .record("Viewed", revision, parts),
            problems: deciding,
            handler: .answer { api, call throws(Problem) in
                try await api.view(call)
                return nil
            }),
        Operation(
            name: "challengeApproval", method: .post, path: "/approvals/{approval}/challenge",
            summary: "The statement of an approval, for a passkey to sign: only for who has viewed "
                + "every part and taken the time that reading takes.",
            body: .record("ChallengeRequest", revision, typed),
            answer: AskedPasskey.form.shape, problems: deciding + reading,
            handler: .answer { api, call throws(Problem) in try await api.challenge(call) }),
        Operation(
            name: "voteApproval", method: .post, path: "/approvals/{approval}/votes",
            summary: "An approval by passkey, over the statement of `challengeApproval`. It is "
                + "durable when it is answered.",
            body: .record("PasskeyVote", payloadType, payload, assertion),
            answer: ReviewView.whole.shape,
            problems: deciding + reading + [
                .alreadyVoted, .nonceSpent, .digestMismatch, .badSignature, .badAssertion,
            ],
            handler: .answer { api, call throws(Problem) in try await api.vote(call) }),
        Operation(
            name: "denyApproval", method: .post, path: "/approvals/{approval}/deny",
            summary: "A no, which ends the request. It is durable when it is answered.",
            body: .either([
                .record("Denial", revision, reason, text),
                .record("OtherDenial", revision, otherReason, words),
            ]),
            answer: ReviewView.whole.shape, problems: deciding,
            handler: .answer { api, call throws(Problem) in
                guard let reason = DenialReason(rawValue: call.reason) else {
                    throw Problem(.malformed, "member `reason` is missing")
                }
                return try await api.perform(
                    .deny(reason, text: call.body["text"]?.string ?? ""), call)
            }),
        Operation(
            name: "revokeApproval", method: .post, path: "/approvals/{approval}/revoke",
            summary: "Takes back an approval that was not used. It is durable when it is answered.",
            body: .record("Revocation", revision, text),
            answer: ReviewView.whole.shape, problems: deciding + [.notGranted],
            handler: .answer { api, call throws(Problem) in
                try await api.perform(.revoke(text: call.body["text"]?.string ?? ""), call)
            }),
    ]

    private static let deciding: [ProblemKind] = [
        .notEligible, .requestClosed, .revisionChanged, .notRecorded, .notRead,
    ]
    private static let reading: [ProblemKind] = [.tooFast, .notFullyViewed, .notConfirmed]

    // The maximum in code points: each has at most four bytes of UTF-8.
    private static let textMost = Objection.longestText / 4

    private static let revision = JSONSchemaType.Member(
        "revision", .whole(1...1_000_000), "Of the request, as it was seen.")
    private static let parts = JSONSchemaType.Member(
        "parts",
        .list(.choice(of: ReviewPart.self), count: 0...ReviewPart.allCases.count),
        "Of the review.")
    private static let typed = JSONSchemaType.Member(
        "typed", .text(.plain(0...16_384)), "What `confirm` of the request asks for.",
        isOptional: true)
    private static let reason = JSONSchemaType.Member(
        "reason", .choice(DenialReason.allCases.filter { $0 != .other }.map(\.rawValue)),
        "`suspicious` alerts security.")
    private static let otherReason = JSONSchemaType.Member(
        "reason", .choice([DenialReason.other.rawValue]), "Wants words.")
    private static let text = JSONSchemaType.Member(
        "text", .text(.plain(0...textMost)), "In the person's own words.", isOptional: true)
    private static let words = JSONSchemaType.Member(
        "text", .text(.words(most: textMost)), "In the person's own words.")
    private static let payloadType = JSONSchemaType.Member(
        "payloadType", .choice([PayloadType.vote.text]), "Of DSSE.")
    private static let payload = JSONSchemaType.Member(
        "payload", .text(.base64(Vote.largest)), "The statement's bytes.")
    private static let assertion = JSONSchemaType.Member(
        "assertion", assertionShape, "What the browser handed back.")
    static let assertionShape = JSONSchemaType.record(
        "Assertion",
        .init("credential", .text(.base64URL(1023)), "The passkey's id."),
        .init("authenticatorData", .text(.base64URL(1024)), "Of WebAuthn."),
        .init("clientDataJSON", .text(.base64URL(1024)), "Of WebAuthn."),
        .init("signature", .text(.base64URL(1024)), "Of WebAuthn."))
}

/// The data that a browser needs to request an assertion from a passkey.
private struct AskedPasskey: Sendable, ResponseRecord {
    let made: VoteChallenge
    let relyingParty: String

    static let form = ResponseSchema<AskedPasskey>(
        "Challenge",
        .init(
            "payloadType", .choice([PayloadType.vote.text]), "Of DSSE."
        ) { _ in PayloadType.vote.text },
        .init("payload", .text(.base64(Vote.largest)), "The statement's bytes.") {
            Base64.encode($0.made.statement)
        },
        .init("challenge", .text(.base64URL(32)), "What the passkey signs.") {
            Base64.encodeURL($0.made.challenge)
        },
        .init("rp_id", .text(.plain(1...253)), "Whom the passkey was made for.") {
            $0.relyingParty
        },
        .init(
            "credentials", .list(.text(.base64URL(1023)), count: 0...1000), "The person's passkeys."
        ) { $0.made.credentials.map(\.text) })
}

extension OperationServices {
    fileprivate func view(_ call: APIMutation) async throws(Problem) {
        let request = try await request(call)
        let session = try call.person()
        let revision = try call.revision()
        let parts = call.body["parts"]?.array?.compactMap {
            $0.string.flatMap(ReviewPart.init(rawValue:))
        }
        try await voting { pages throws(VotingRefusal) in
            try await pages.viewed(
                Set(parts ?? []), of: request.id, revision: revision, by: session)
        }
    }

    fileprivate func challenge(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let request = try await request(call)
        let session = try call.person()
        let revision = try call.revision()
        let typed = call.body["typed"]?.string ?? ""
        guard let entry else { throw Self.noVoting }
        let made = try await voting { pages throws(VotingRefusal) in
            try await pages.challenge(request.id, revision: revision, typed: typed, by: session)
        }
        return AskedPasskey.form.json(AskedPasskey(made: made, relyingParty: entry.relyingParty))
    }

    fileprivate func vote(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let request = try await request(call)
        let session = try call.person()
        let proof: VoteProof
        do throws(FormError) { proof = try VoteProof(json: call.body, at: "") } catch {
            throw Problem(error)
        }
        guard case .passkey(let statement, let assertion) = proof else {
            throw Problem(.malformed, "member `assertion` is missing")
        }
        try await voting { pages throws(VotingRefusal) in
            try await pages.vote(statement, assertion, on: request.id, by: session)
        }
        return await shownNow(request, session)
    }

    fileprivate func perform(_ action: InboxAction, _ call: APIMutation) async throws(Problem)
        -> JSONValue
    {
        let request = try await request(call)
        let session = try call.person()
        let revision = try call.revision()
        do throws(ApprovalRefusal) {
            try await inbox.perform(action, on: request.id, revision: revision, by: session)
        } catch {
            throw Problem(error)
        }
        return await shownNow(request, session)
    }

    private static var noVoting: Problem {
        Problem(.noSuchRequest, "approvals are not configured on this console")
    }

    private func voting<Made: Sendable>(
        _ action: (any PasskeyVoting) async throws(VotingRefusal) -> Made
    ) async throws(Problem) -> Made {
        guard let pages = entry?.voting else { throw Self.noVoting }
        do throws(VotingRefusal) { return try await action(pages) } catch { throw Problem(error) }
    }
}
