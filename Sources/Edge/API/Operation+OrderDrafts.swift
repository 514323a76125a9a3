import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations that draft halts and releases for a passkey to sign, and that list releases that wait for a second
    /// signature.
    static let orderDrafts: [Operation] = [
        Operation(
            name: "draftHalt", method: .post, path: "/halts/draft",
            summary: "A halt in the name of the signed-in person, for a passkey to sign and `halt` "
                + "to take. Only for the role `kill`.",
            body: .record(
                "HaltDraftRequest",
                .init("scope", .choice(HaltTarget.scopes), "What kind of thing to stop."),
                .init(
                    "target", .text(.plain(1...256)),
                    "Which: `*`, a pseudonym, a name, `server.tool` or a run's id."),
                reason),
            answer: OrderDraft.form.shape, problems: drafting,
            handler: .answer { api, call throws(Problem) in try api.draftHalt(call) }),
        Operation(
            name: "listReleases", method: .get, path: "/releases",
            summary: "The releases that wait for another person, the oldest first.",
            answer: .record(
                "Releases",
                .init(
                    "releases", .list(of: ReleaseProposal.self, 0...100_000),
                    "Each with what its signers agree to.")),
            problems: [.notRead],
            handler: .reading { api, _ throws(Problem) in
                [
                    "releases": .array(
                        try api.switchDesk().waitingReleases.map(ReleaseProposal.form.json))
                ]
            }),
        Operation(
            name: "draftRelease", method: .post, path: "/releases/draft",
            summary: "A release in the name of the signed-in person, for a passkey to sign and "
                + "`release` to take. Only for the role `resume`.",
            body: .record(
                "ReleaseDraftRequest",
                .init("halts", .list(.text(.id), count: 1...OrderLimits.halts), "To be ended."),
                reason),
            answer: OrderDraft.form.shape, problems: drafting,
            handler: .answer { api, call throws(Problem) in try api.draftRelease(call) }),
        Operation(
            name: "draftConfirmation", method: .post, path: "/releases/{release}/draft",
            summary: "The bytes of a release that waits, for another person's passkey to sign and "
                + "`confirmRelease` to take.",
            body: .record("ConfirmationDraftRequest"),
            answer: OrderDraft.form.shape, problems: drafting + [.noSuchOrder],
            handler: .answer { api, call throws(Problem) in try api.draftConfirmation(call) }),
    ]

    private static let drafting: [ProblemKind] = [.notEligible, .notRead]

    private static let reason = JSONSchemaType.Member(
        "reason",
        .text(.plain(OrderLimits.reason)), "For people, on one line; agents are not told.")
}

extension OrderDraft {
    /// The kinds of orders that pages draft; `docs/console-tests.md` names the test that signs each on its page.
    static let kinds: [PayloadType] = [
        .halt, .release, .elevationRequest, .elevationApproval, .elevationEnd, .signOff,
        .people, .drill, .run, .server, .breakGlass, .workspace, .promotion, .review,
    ]

    static let form = ResponseSchema<(draft: OrderDraft, relyingParty: String)>(
        "OrderDraft",
        .init("payloadType", .choice(OrderDraft.kinds.map(\.text)), "Of DSSE.") {
            $0.draft.payloadType.text
        },
        .init(
            "payload", .text(.base64(Operation.largestOrder)), "The canonical bytes of the order."
        ) { Base64.encode($0.draft.payload) },
        .init("challenge", .text(.base64URL(32)), "What the passkey signs.") {
            Base64.encodeURL($0.draft.challenge)
        },
        .init("rp_id", .text(.plain(1...253)), "Whom the passkey was made for.") {
            $0.relyingParty
        },
        .init(
            "credentials", .list(.text(.base64URL(1023)), count: 0...1000), "The person's passkeys."
        ) { $0.draft.credentials.map(\.text) })
}

extension ReleaseProposal: ResponseRecord {
    static let form = ResponseSchema<ReleaseProposal>(
        "WaitingRelease",
        .init("id", .text(.id), "What the second person confirms.") { $0.order.id.text },
        .init("halts", .list(.text(.id), count: 1...OrderLimits.halts), "To be ended.") {
            $0.order.halts.map(\.text)
        },
        .init("reason", .text(.plain(1...500)), "As the first person signed it.") {
            $0.order.reason
        },
        .init("after_epoch", .count, "What its signers saw.") { $0.order.afterEpoch },
        .init(
            "signed", .list(.text(.plain(1...254)), count: 1...Envelope.mostSignatures), "Who has."
        ) { $0.signers.map(\.address) },
        .init("need", .count, "How many people must.") { $0.need },
        .init("expires", .text(.time), "Then it is over.") { $0.ends })
}

extension OperationServices {
    fileprivate func draftHalt(_ call: APIMutation) throws(Problem) -> JSONValue {
        let (service, author) = (try switchDesk(), try call.person().pseudonym)
        guard
            let target = HaltTarget(
                scope: call.body["scope"]?.string ?? "", target: call.body["target"]?.string ?? "")
        else { throw Problem(.malformed, "member `target` must be a target of its scope") }
        return try drafted(Self.refused) { () throws(OrderRefusal) in
            try service.draftHalt(of: target, reason: call.reason, by: author)
        }
    }

    fileprivate func draftRelease(_ call: APIMutation) throws(Problem) -> JSONValue {
        let (service, author) = (try switchDesk(), try call.person().pseudonym)
        let halts = call.body["halts"]?.array?.compactMap { $0.string.flatMap { OrderID($0) } }
        return try drafted(Self.refused) { () throws(OrderRefusal) in
            try service.draftRelease(of: halts ?? [], reason: call.reason, by: author)
        }
    }

    fileprivate func draftConfirmation(_ call: APIMutation) throws(Problem) -> JSONValue {
        let (service, signer) = (try switchDesk(), try call.person().pseudonym)
        let id = try pendingRelease(call)
        return try drafted(Self.refused) { () throws(OrderRefusal) in
            try service.draftConfirmation(of: id, by: signer)
        }
    }

    /// Returns a draft for a passkey of the signed-in person.
    func drafted<Refusal: Error>(
        _ problem: (Refusal) -> Problem, _ make: () throws(Refusal) -> OrderDraft
    ) throws(Problem) -> JSONValue {
        let relyingParty = try relyingParty()
        do throws(Refusal) {
            return OrderDraft.form.json((try make(), relyingParty))
        } catch {
            throw problem(error)
        }
    }

    /// Returns the relying party for which passkeys sign drafts.
    func relyingParty() throws(Problem) -> String {
        guard let entry else {
            throw Problem(.notRead, "signing by passkey is not configured here")
        }
        return entry.relyingParty
    }

    private static func refused(_ refusal: OrderRefusal) -> Problem {
        Problem(PeopleRefusal.order(refusal))
    }
}
