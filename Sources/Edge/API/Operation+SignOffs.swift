import InterlockAdministration
import InterlockJSON
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations to sign off the waiting revision of the policy, or the first one.
    static let signOffs: [Operation] = [
        Operation(
            name: "draftSignOff", method: .post, path: "/policy/proposed/draft",
            summary: "What signs the revision off that waits, or the first one, in the name of the "
                + "signed-in person: for a passkey to sign and `signOff` to take.",
            body: .record(
                "SignOffDraftRequest",
                .init("identity", .text(.digest), "As `getProposedPolicy` shows it."),
                .init(
                    "active", .text(.digest),
                    "The `active_identity` with which it was compared, as shown there.")),
            answer: OrderDraft.form.shape, problems: drafting + [.tooLarge],
            handler: .answer { api, call throws(Problem) in try api.draftSignOff(call) }),
        Operation(
            name: "signOff", method: .post, path: "/policy/proposed/sign-off",
            summary: "Takes one signature under it: a DSSE envelope of "
                + "`\(PayloadType.signOff.text)`. With the last that it needs it comes into force.",
            body: signed(
                "SignOffEnvelope", .signOff, most: SignOffService.largest, of: "statement"),
            isSigned: true,
            answer: .record(
                "SignOffOutcome",
                .init(
                    "state", .choice(["signed", "in_force"]),
                    "`signed`: it is kept, and the revision still waits."),
                .maybe("message", .text(.plain(0...1_000_000)), "What it waits for.")),
            problems: drafting + [.badSignature, .badAssertion, .notRecorded],
            handler: .answer { api, call throws(Problem) in try await api.signOff(call) }),
    ]

    private static let drafting: [ProblemKind] = [
        .noSuchPolicy, .policyChanged, .signedAlready, .notForSigning, .notEligible, .notRead,
    ]
}

extension OperationServices {
    fileprivate func draftSignOff(_ call: APIMutation) throws(Problem) -> JSONValue {
        let (actions, visibility) = (try part(sources.signOffs), try visibility(call))
        let relyingParty = try relyingParty()
        func digest(_ name: String) -> Digest? {
            call.body[name]?.string.flatMap(Digest.init(prefixed:))
        }
        guard let seen = digest("identity"), let active = digest("active") else {
            throw Problem(.malformed, "`identity` and `active` must be digests")
        }
        do throws(SignOffActionRefusal) {
            let draft = try actions.draft(of: seen, over: active, for: visibility)
            return OrderDraft.form.json((draft, relyingParty))
        } catch {
            throw Problem(error)
        }
    }

    fileprivate func signOff(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let actions = try part(sources.signOffs)
        let envelope = try call.envelope()
        do throws(SignOffActionRefusal) {
            switch try await actions.take(envelope) {
            case .inForce: return ["state": "in_force"]
            case .waits(let reason): return ["state": "signed", "message": .string(reason)]
            }
        } catch {
            throw Problem(error)
        }
    }
}

extension Problem {
    fileprivate init(_ denial: SignOffActionRefusal) {
        let kind: ProblemKind =
            switch denial {
            case .missing: .noSuchPolicy
            case .changed: .policyChanged
            case .otherwiseRefused: .notForSigning
            case .notEntitled, .expired: .notEligible
            case .signedAlready: .signedAlready
            case .form, .otherKind: .malformed
            case .signature(.badSignature): .badSignature
            case .signature(.badAssertion), .signature(.copiedPasskey): .badAssertion
            case .signature: .notEligible
            case .tooLarge: .tooLarge
            case .notRead: .notRead
            case .notRecorded: .notRecorded
            }
        self.init(kind, "\(denial)")
    }
}
