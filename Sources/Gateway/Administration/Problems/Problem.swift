package import InterlockApprovals
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts

/// One occurrence of a problem: the reason why a request was not executed (RFC 9457).
package struct Problem: Error {
    package let kind: ProblemKind
    /// A description of this occurrence in one sentence.
    package let detail: String
    /// Advice for the user of the command line; other responses omit it.
    package var help: String?
    package var headers: [(name: String, value: String)] = []

    package init(_ kind: ProblemKind, _ detail: String, help: String?) {
        self.init(kind, detail)
        self.help = help
    }

    package init(_ kind: ProblemKind, _ detail: String, _ headers: (name: String, value: String)...)
    {
        self.kind = kind
        // Truncated, because the text may quote the request.
        self.detail = String(
            String.UnicodeScalarView(detail.unicodeScalars.prefix(Self.longestDetail)))
        self.headers = headers
    }

    /// An agent that is not there, or that the person may not see: the answers must not differ.
    package static let noVisibleAgent = Problem(
        .noSuchAgent, "agent not found, or no access")

    /// The maximum length of `detail` in code points.
    private static let longestDetail = 4096
}

/// Maps each refusal to one kind of problem, for the API and the local socket alike. Refusals that a capability of this
/// module declares are mapped in its folder.
extension Problem {
    package init(_ error: FormError) { self.init(.malformed, "\(error)") }

    package init(_ refusal: ApprovalRefusal) { self.init(refusal.kind, "\(refusal)") }

    package init(_ refusal: BreakGlassRefusal) {
        switch refusal {
        case .order(let order): self.init(order)
        case .request(let request): self.init(request)
        case .staleOrder: self.init(.staleOrder, "\(refusal)")
        case .nothingToLower: self.init(.nothingToLower, "\(refusal)")
        case .suspended, .ownReview, .tooNew: self.init(.notEligible, "\(refusal)")
        case .noUse: self.init(.noUse, "\(refusal)")
        case .reviewed: self.init(.reviewed, "\(refusal)")
        case .notRead: self.init(.notRead, "\(refusal)")
        }
    }

    package init(_ refusal: RunRefusal) {
        switch refusal {
        case .order(let order): self.init(order)
        case .staleOrder: self.init(.staleOrder, "\(refusal)")
        case .noSuchRun: self.init(.noSuchRun, "\(refusal)")
        case .alreadyPaused, .notPaused: self.init(.otherState, "\(refusal)")
        case .notRecorded: self.init(.notRecorded, "\(refusal)")
        }
    }

    package init(_ refusal: OrderRefusal) {
        let kind: ProblemKind =
            switch refusal {
            case .form, .otherKind, .otherOrganisation: .malformed
            case .badSignature: .badSignature
            case .badAssertion, .copiedPasskey: .badAssertion
            case .unknownHalt: .noSuchOrder
            case .staleEpoch: .staleOrder
            case .tooManyOrders: .tooMany
            case .notRecorded: .notRecorded
            case .unknownKey, .revokedKey, .expiredKey, .missingRole, .notAuthor, .notForNodes,
                .tooFewPeople, .samePerson:
                .notEligible
            }
        self.init(kind, "\(refusal)")
    }

    package init(_ refusal: PeopleRefusal) {
        let (kind, help): (ProblemKind, String?) =
            switch refusal {
            case .order(let order): (Problem(order).kind, Self.help(for: order))
            case .staleOrder:
                (.staleOrder, "sign it again; if this persists, compare the two clocks")
            case .tooNew: (.notEligible, "sign it with a key or with a passkey that is older")
            case .unknownPerson: (.noSuchPerson, "interlock people list")
            case .noSuchInvitation:
                (.noSuchInvitation, "ask the person who invited you for another link")
            case .noSuchOrder: (.noSuchOrder, "`interlock people list` shows what waits")
            case .otherContent: (.digestMismatch, "look at it again: interlock people confirm ID")
            case .knownCredential:
                (.knownCredential, "a credential is one person's, once; make another key")
            case .tooMany:
                (.tooManyWait, "`interlock people list` and `interlock tokens list` show them")
            case .unfitEnd: (.unfitEnd, "write `--for 90d`")
            case .knownService:
                (.knownService, "take another name, or end that one: interlock tokens revoke NAME")
            case .noSuchService: (.noSuchService, "interlock tokens list")
            case .notInGroup, .forbiddenDelegate:
                (.notEligible, "the groups and their members: `approvals` in policy/org.yaml")
            case .unfitDelegate: (.unfitDelegate, "interlock people list")
            case .unfitDelegationEnd: (.unfitEnd, "write `--until 7d`")
            case .delegated:
                (.delegatedAlready, "interlock approvals delegate --group GROUP --end")
            case .noDelegation: (.noSuchDelegation, "interlock approvals delegations")
            case .unfitToken: (.otherState, nil)
            case .unfit: (.unfit, nil)
            case .notRecorded: (.notRecorded, "nothing has changed; try again")
            case .notKept: (.notKept, "mend the disk; the next start finds it in the log")
            }
        self.init(kind, "\(refusal)", help: help)
    }

    private static func help(for refusal: OrderRefusal) -> String? {
        switch refusal {
        case .missingRole(.security): "`interlock people list` shows who has the role"
        case .samePerson: "another person with the role security must sign"
        default: nil
        }
    }

    package init(_ refusal: ElevationRefusal) {
        var help: String?
        let kind: ProblemKind
        switch refusal {
        case .order(.form), .order(.otherKind), .order(.otherOrganisation): kind = .malformed
        case .order(.badSignature): kind = .badSignature
        case .order(.badAssertion), .order(.copiedPasskey): kind = .badAssertion
        case .order, .notEligible: kind = .notEligible
        case .noSuchElevation, .unknownAgent:
            kind = .noSuchElevation
            if refusal == .noSuchElevation { help = "interlock elevate list" }
        case .unfitGrant(let findings):
            kind = .unfitGrant
            help = findings.lazy.compactMap(\.help).first
        case .tooLong, .past, .tooFarAhead, .reviewOverdue, .halted, .tooMany, .taken, .closed,
            .alreadyApproved:
            kind = .noRoom
        case .notRecorded: kind = .notRecorded
        }
        self.init(kind, "\(refusal)", help: help)
    }

    package init(_ refusal: SignInRefusal) {
        let kind: ProblemKind =
            switch refusal.kind {
            case .unknown: .noSuchName
            case .refused, .suspicious: .signInRefused
            case .unavailable: .notRead
            }
        self.init(kind, refusal.reason, help: refusal.help)
    }
}

extension ApprovalRefusal {
    package var kind: ProblemKind {
        switch self {
        case .noSuchRequest: .noSuchRequest
        case .notEligible, .notBatched: .notEligible
        case .alreadyVoted: .alreadyVoted
        case .closed: .requestClosed
        case .revisionChanged: .revisionChanged
        case .digestMismatch: .digestMismatch
        case .badSignature: .badSignature
        case .badAssertion: .badAssertion
        case .malformed: .malformed
        case .nonceSpent: .nonceSpent
        case .notGranted: .notGranted
        case .tooFast: .tooFast
        case .notRead: .notRead
        case .tooOften: .tooMany
        case .notRecorded: .notRecorded
        }
    }
}
