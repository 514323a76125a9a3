package import InterlockModel

/// The reason why an action on an elevation was refused or failed.
package enum ElevationRefusal: SignedOrderRefusal, Hashable, Sendable, CustomStringConvertible {
    /// The signed order is invalid.
    case order(OrderRefusal)
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

    package init(_ refusal: OrderRefusal) {
        if case .notRecorded(let place) = refusal {
            self = .notRecorded(place)
        } else {
            self = .order(refusal)
        }
    }

    package var copy: PasskeyID? {
        if case .order(let refusal) = self { refusal.copy } else { nil }
    }

    /// A stable code, for records.
    package var code: String {
        switch self {
        case .order(let refusal): refusal.code
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
        case .order(.otherKind): "the envelope holds another statement"
        case .order(.notAuthor): "the signer is not the author that the elevation names"
        case .order(let refusal): refusal.text(of: "elevation", signature: "the signature")
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
