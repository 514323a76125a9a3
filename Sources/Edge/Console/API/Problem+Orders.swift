import InterlockApprovals
import InterlockModel

/// Why a signed order was not taken.
extension Problem {
    init(_ refusal: PeopleRefusal) {
        if case .order(let order) = refusal {
            self.init(order)
            return
        }
        let kind: ProblemKind =
            switch refusal {
            case .order: .malformed
            case .staleOrder: .staleOrder
            case .unknownPerson: .noSuchPerson
            case .noSuchInvitation: .noSuchInvitation
            case .noSuchOrder: .noSuchOrder
            case .otherContent: .digestMismatch
            case .knownCredential: .knownCredential
            case .tooMany: .tooManyWait
            case .unfitEnd: .unfitEnd
            case .knownService: .knownService
            case .noSuchService: .noSuchService
            case .unfit: .unfit
            case .notRecorded: .notRecorded
            case .notKept: .notKept
            }
        self.init(kind, "\(refusal)")
    }

    init(_ refusal: BreakGlassRefusal) {
        switch refusal {
        case .order(let order): self.init(order)
        case .request(let request): self.init(request)
        case .staleOrder: self.init(.staleOrder, "\(refusal)")
        case .nothingToLower: self.init(.nothingToLower, "\(refusal)")
        case .suspended, .ownReview: self.init(.notEligible, "\(refusal)")
        case .noUse: self.init(.noUse, "\(refusal)")
        case .reviewed: self.init(.reviewed, "\(refusal)")
        case .notRead: self.init(.notRead, "\(refusal)")
        }
    }

    private init(_ refusal: OrderRefusal) {
        switch refusal {
        case .form, .otherKind, .otherOrganisation: self.init(.malformed, "\(refusal)")
        case .badSignature: self.init(.badSignature, "\(refusal)")
        case .badAssertion, .copiedPasskey: self.init(.badAssertion, "\(refusal)")
        case .notRecorded: self.init(.notRecorded, "\(refusal)")
        case .unknownKey, .revokedKey, .expiredKey, .missingRole, .notAuthor, .notForNodes,
            .tooFewPeople, .samePerson, .unknownHalt, .staleEpoch, .tooManyOrders:
            self.init(.notEligible, "\(refusal)")
        }
    }
}
