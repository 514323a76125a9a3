package import InterlockJSON
package import InterlockModel

/// A request by one person on behalf of an agent: grants, a window and a reason.
///
/// All signatures cover its RFC 8785 bytes: the author's under the payload type `elevation-request`, each approver's
/// under `elevation-approval`, and that of the person who ends it under `elevation-end`. An approval therefore covers
/// exactly the request, and one kind of signature never passes for another.
package struct ElevationOrder: SignedOrder {
    package typealias Refusal = ElevationRefusal
    package static let type = "elevation"
    package static let payloadType = PayloadType.elevationRequest
    package static let largest = ElevationLimits.bytes
    package static let takesPasskeys = true

    /// Returns nil: any enrolled person may request one, and `ElevationRules` decides who may approve.
    package func missingRole(of person: TrustedPerson) -> Role? { nil }
    /// Returns nil: the window of the grant bounds when the request can be used.
    package func staleness(at now: Timestamp) -> Refusal? { nil }

    package let id: ElevationID
    package let org: String
    package let agent: AgentName
    /// `grant` in the policy's canonical form: server -> list of `{class or tool, when?, sandboxed?}`.
    package let grants: JSONValue
    /// The elevation is in force in [`from`, `until`); whole seconds.
    package let from: Timestamp
    package let until: Timestamp
    package let reason: String
    /// The ticket in which the elevation is tracked.
    package let ticket: String
    package let author: Pseudonym

    /// - Throws: `badMember` if the window is reversed, or if the reason or ticket cannot be displayed.
    package init(
        id: ElevationID, org: String, agent: AgentName, grants: JSONValue, from: Timestamp,
        until: Timestamp, reason: String, ticket: String, author: Pseudonym
    ) throws(FormError) {
        guard from < until else { throw .badMember("until", "later than `from`") }
        guard isFitReason(reason) else { throw .badMember("reason", fitReason) }
        guard ElevationLimits.ticketBytes.contains(ticket.utf8.count),
            ticket.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }),
            ticket.unicodeScalars.contains(where: { !$0.properties.isWhitespace })
        else { throw .badMember("ticket", "1 to 128 bytes on one line") }
        self.id = id
        self.org = org
        self.agent = agent
        self.grants = grants
        self.from = from
        self.until = until
        self.reason = reason
        self.ticket = ticket
        self.author = author
    }

    package var authors: [Pseudonym] { [author] }

    /// The location that findings about it state.
    var place: PolicyLocation { fact(proposer: nil).place }

    func fact(proposer: Person?) -> StoreElevation {
        StoreElevation(
            id: id.text, agent: agent, grants: grants, from: from, until: until, proposer: proposer)
    }

    package static func members(of statement: JSONValue) -> [String] {
        ["agent", "grant", "from", "until", "ticket", "author"]
    }

    package var json: JSONValue {
        [
            "v": 1, "type": "elevation", "id": .string(id.text), "org": .string(org),
            "agent": .string(agent.text), "grant": grants,
            "from": .string(from.rfc3339(fractionDigits: 0)),
            "until": .string(until.rfc3339(fractionDigits: 0)), "reason": .string(reason),
            "ticket": .string(ticket), "author": .string(author.text),
        ]
    }

    package init(_ fields: StrictFields) throws(FormError) {
        try self.init(
            id: try fields.made("id", "an elevation's id") { ElevationID($0) },
            org: try fields.string("org"),
            agent: try fields.made("agent", "an agent's name", AgentName.init),
            grants: try fields.value("grant"),
            from: try fields.time("from", fractionDigits: 0),
            until: try fields.time("until", fractionDigits: 0),
            reason: try fields.string("reason", length: 1...ElevationLimits.bytes),
            ticket: try fields.string("ticket", length: ElevationLimits.ticketBytes),
            author: try fields.pseudonym("author"))
    }
}

/// Limits of elevations in the store. The policy states how long one may last.
package enum ElevationLimits {
    /// The maximum size of one signed statement.
    package static let bytes = 64 * 1024
    package static let ticketBytes = 1...128
    /// The maximum number of servers, and of entries for one server.
    package static let servers = 64
    package static let entries = 256
    /// The maximum time until the end of an elevation: it serves a present need, and is not permanent.
    package static let ahead = Duration.seconds(30 * 86_400)
    /// The maximum number of elevations that are open at the same time, for one agent and in all.
    package static let openOfAgent = 64
    package static let open = 4096
}

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
