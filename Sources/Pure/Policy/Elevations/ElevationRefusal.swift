package import InterlockModel

/// The reason why an action on an elevation is refused.
package enum ElevationRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case form(FormError)
    case otherKind
    case otherOrganisation(String)
    case badSignature
    /// The assertion of the passkey is not valid.
    case badAssertion(AssertionRefusal)
    /// The counter of a passkey decreased: a copy of it may be in use.
    case copiedPasskey(PasskeyID)
    case unknownKey
    case revokedKey
    case expiredKey
    /// The signer is not the author that the statement names.
    case notAuthor
    case noSuchElevation
    case unknownAgent(AgentName)
    /// The grant does not fit the policy in force. The findings have E codes, as for a policy file.
    case unfitGrant([Finding])
    case tooLong(Duration)
    case past
    case tooFarAhead
    case reviewOverdue(AgentName)
    case halted(OrderID)
    case tooMany
    case taken
    /// The elevation has ended, or can no longer be approved.
    case closed(ElevationState)
    case alreadyApproved
    case notEligible(Ineligibility)
    /// The audit log or the store could not record the action.
    case notRecorded(String)

    package enum Ineligibility: String, Hashable, Sendable {
        case ownerOfGrave = "owner"
        case stranger = "not-eligible"
    }

    package init(_ refusal: SignatureRefusal) {
        switch refusal {
        case .badSignature: self = .badSignature
        case .badAssertion(let refusal): self = .badAssertion(refusal)
        case .copiedPasskey(let passkey): self = .copiedPasskey(passkey)
        case .unknownKey: self = .unknownKey
        case .revokedKey: self = .revokedKey
        }
    }

    /// A stable code for records.
    package var code: String {
        switch self {
        case .form: "malformed"
        case .otherKind: "other_kind"
        case .otherOrganisation: "other_organisation"
        case .badSignature: "bad_signature"
        case .badAssertion: "bad_assertion"
        case .copiedPasskey: "copied_passkey"
        case .unknownKey: "unknown_key"
        case .revokedKey: "revoked_key"
        case .expiredKey: "expired_key"
        case .notAuthor: "not_author"
        case .noSuchElevation: "no_such_elevation"
        case .unknownAgent: "unknown_agent"
        case .unfitGrant: "unfit_grant"
        case .tooLong: "too_long"
        case .past: "past"
        case .tooFarAhead: "too_far_ahead"
        case .reviewOverdue: "review_overdue"
        case .halted: "halted"
        case .tooMany: "too_many"
        case .taken: "taken"
        case .closed: "closed"
        case .alreadyApproved: "already_approved"
        case .notEligible: "not_eligible"
        case .notRecorded: "not_recorded"
        }
    }

    package var description: String {
        switch self {
        case .form(let error): "the elevation is malformed: \(error)"
        case .otherKind: "the envelope holds another statement"
        case .otherOrganisation(let org): "the elevation is of the organisation `\(org)`"
        case .badSignature: "the signature does not verify"
        case .badAssertion(let refusal):
            "what the passkey signed is not believed: \(refusal.rawValue)"
        case .copiedPasskey: "the passkey's counter went back: a copy of it may be in use"
        case .unknownKey: "the signature is by a key or passkey that is not enrolled"
        case .revokedKey: "the signature is by a revoked key or passkey"
        case .expiredKey: "the signature is by an expired key or passkey"
        case .notAuthor: "the signer is not the author that the elevation names"
        case .noSuchElevation: "there is no such elevation"
        case .unknownAgent(let agent): "there is no agent `\(agent)`"
        case .unfitGrant(let findings):
            "the grant does not fit the policy: "
                + findings.map { "\($0.code.rawValue) \($0.message)" }.joined(separator: "; ")
        case .tooLong(let most):
            "it lasts longer than `defaults.elevation.max`, which is \(most.components.seconds) s"
        case .past: "its time is over"
        case .tooFarAhead: "it ends more than 30 days ahead"
        case .reviewOverdue(let agent): "the review of `\(agent)` is overdue"
        case .halted(let order): "the agent is halted by `\(order)`"
        case .tooMany: "too many elevations are open"
        case .taken: "there is an elevation of this id already"
        case .closed(let state): "the elevation is \(state.rawValue)"
        case .alreadyApproved: "this person has approved it already"
        case .notEligible(.ownerOfGrave):
            "the agent's owner is not counted where a granted tool can spend money or touch production"
        case .notEligible(.stranger):
            "only owners of the policy, the agent's owner and approvers, and the role `security` approve elevations"
        case .notRecorded(let code): "it cannot be recorded: \(code)"
        }
    }
}
