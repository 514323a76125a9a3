package import InterlockApprovals
package import InterlockGovernor
package import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// Takes signed orders from the people plane. The carrier of an order does not matter: the signature identifies its
/// author, and the service of the order verifies it.
package protocol OrderActions: Sendable {
    /// The people and their credentials, or nil while they cannot be read.
    var people: PeopleDirectory? { get }

    /// Returns the groups of the policy in force whose member the person is, by name.
    func groups(of person: Person) -> [(name: String, group: DelegatingGroup)]

    /// Drafts an order about people in the name of one person, for a passkey to sign; nothing of it is stored.
    func draft(
        _ change: PeopleChange, because reason: String, by author: Pseudonym
    ) throws(PeopleRefusal) -> OrderDraft

    /// Takes an order about people. A completed change is durable on return; a change of roles that waits for its
    /// second signature is in memory only.
    func take(_ order: Envelope, from carrier: Pseudonym) async throws(PeopleRefusal) -> TakenOrder

    /// The uses of break-glass with their reviews, or nil until they were read from the log.
    var breakGlassHistory: BreakGlassHistory? { get }

    /// Throws the reason why this person cannot use break-glass or review its use now.
    func check(_ content: BreakGlassContent, by author: Pseudonym) throws(BreakGlassRefusal)

    /// Drafts a use of break-glass or its review in the name of one person, for a passkey to sign; nothing of it is
    /// stored.
    func draft(
        _ content: BreakGlassContent, because reason: String, by author: Pseudonym
    ) throws(BreakGlassRefusal) -> OrderDraft

    /// Takes an order that one person decides in place of several. It must be about the request `id`.
    ///
    /// - Returns: the revision that is shown from now on.
    func breakGlass(
        _ order: Envelope, at id: ApprovalID, from carrier: Pseudonym
    ) async throws(BreakGlassRefusal) -> Int

    /// Takes another person's review of a use of break-glass. It must be about the request `id`.
    func review(
        _ order: Envelope, at id: ApprovalID, from carrier: Pseudonym
    ) async throws(BreakGlassRefusal)
}

/// The outcome of an order about people.
package enum TakenOrder: Sendable {
    /// The token of the link is shown once; the gateway stores only its hash.
    case invited(Invitation, token: String)
    case enrolled(Person)
    /// The change waits for the signature of a second person.
    case waits(OrderID, until: Timestamp)
    case changed(Person)
    case revoked(Person)
    /// The token is shown once; the gateway stores only its hash.
    case tokenIssued(ServiceAccountToken, token: String)
    case tokenEnded(ServiceAccountName)
    /// - Parameter voters: the number of people who hold the group's seats from now on.
    case delegated(Delegation, to: Person, voters: Int)
    case delegationEnded(group: String)
    /// The token is shown once; the gateway stores nothing of it.
    case agentTokenIssued(IssuedToken, for: AgentName)
}

/// Passes each order to the service that takes it, and notes refusals by carrier.
package struct OrderRouter: OrderActions {
    private let register: PeopleService
    private let approvals: ApprovalService
    private let policy: PolicyHolder
    private let tokens: AgentTokenService
    private let pseudonyms: any Pseudonyms
    private let watch: RefusalRecorder<Pseudonym>

    package init(
        people: PeopleService, approvals: ApprovalService, tokens: AgentTokenService,
        pseudonyms: any Pseudonyms, watch: RefusalRecorder<Pseudonym>
    ) {
        policy = tokens.gateway.policy
        self.tokens = tokens
        self.watch = watch
        register = people
        self.approvals = approvals
        self.pseudonyms = pseudonyms
    }

    package var people: PeopleDirectory? { register.book }

    package func groups(of person: Person) -> [(name: String, group: DelegatingGroup)] {
        policy.snapshot.groups.keys.sorted().compactMap { name in
            policy.delegatingGroup(name).flatMap {
                $0.members.contains(person) ? (name, $0) : nil
            }
        }
    }

    package func draft(
        _ change: PeopleChange, because reason: String, by author: Pseudonym
    ) throws(PeopleRefusal) -> OrderDraft {
        if case .issueAgentToken(let request) = change { try tokens.check(request) }
        return try register.draft(change, because: reason, by: author)
    }

    package var breakGlassHistory: BreakGlassHistory? { approvals.breakGlass }

    package func check(
        _ content: BreakGlassContent, by author: Pseudonym
    ) throws(BreakGlassRefusal) {
        _ = try approvals.mayOrder(content, author)
    }

    package func draft(
        _ content: BreakGlassContent, because reason: String, by author: Pseudonym
    ) throws(BreakGlassRefusal) -> OrderDraft {
        try approvals.draftOrder(content, because: reason, by: author)
    }

    package func take(
        _ envelope: Envelope, from carrier: Pseudonym
    ) async throws(PeopleRefusal) -> TakenOrder {
        do throws(PeopleRefusal) { return try await taken(envelope) } catch {
            watch.note(carrier, "people \(carrier.text): \(error)")
            throw error
        }
    }

    package func breakGlass(
        _ envelope: Envelope, at id: ApprovalID, from carrier: Pseudonym
    ) async throws(BreakGlassRefusal) -> Int {
        try await watched(id, carrier) { () async throws(BreakGlassRefusal) in
            try check(envelope, id)
            return try await approvals.breakGlass(envelope)
        }
    }

    package func review(
        _ envelope: Envelope, at id: ApprovalID, from carrier: Pseudonym
    ) async throws(BreakGlassRefusal) {
        try await watched(id, carrier) { () async throws(BreakGlassRefusal) in
            try check(envelope, id)
            try await approvals.review(envelope)
        }
    }

    private func watched<Done>(
        _ id: ApprovalID, _ carrier: Pseudonym, _ action: () async throws(BreakGlassRefusal) -> Done
    ) async throws(BreakGlassRefusal) -> Done {
        do throws(BreakGlassRefusal) { return try await action() } catch {
            watch.note(carrier, "break-glass \(carrier.text) \(id.text): \(error)")
            throw error
        }
    }

    private func taken(_ envelope: Envelope) async throws(PeopleRefusal) -> TakenOrder {
        // The order is parsed only to choose the service's method, which verifies all of it.
        switch try PeopleOrder(envelope).action {
        case .invite:
            let pseudonyms = pseudonyms
            let invited = try await register.invite(envelope) { pseudonyms.pseudonym(of: $0) }
            return .invited(invited.invitation, token: invited.token)
        case .role:
            let pending = try await register.ask(envelope)
            return .waits(pending.id, until: pending.expires)
        case .issueToken:
            let issued = try await register.issueToken(envelope)
            return .tokenIssued(issued.service, token: issued.token)
        case .endToken: return .tokenEnded(try await register.endToken(envelope).name)
        case .delegate(let group, let person, _):
            let policy = policy
            let delegation = try await register.delegate(
                envelope, group: { policy.delegatingGroup($0) })
            return .delegated(delegation, to: person, voters: voters(in: group))
        case .endDelegation:
            return .delegationEnded(group: try await register.endDelegation(envelope).group)
        case .issueAgentToken:
            let (request, order) = try await register.takeTokenRequest(envelope)
            return .agentTokenIssued(
                try await tokens.issue(request, by: order), for: request.agent)
        case .revoke: return .revoked(try await register.revoke(envelope).person)
        // A key is enrolled with the token of an invitation, on the local socket.
        case .enrol: throw .order(.otherKind)
        case .confirm:
            switch try await register.confirm(envelope) {
            case .enrolment(let pending): return .enrolled(pending.invitation.person)
            case .roles(let pending): return .changed(pending.person)
            }
        }
    }

    private func voters(in group: String) -> Int {
        register.book.seats(
            of: policy.delegatingGroup(group)?.members ?? [], in: group,
            at: approvals.ports.clock.wall
        ) { _, _ in true }.count
    }

    private func check(_ envelope: Envelope, _ id: ApprovalID) throws(BreakGlassRefusal) {
        guard try BreakGlassOrder(envelope).request == id else {
            throw .request(.digestMismatch)
        }
    }
}

extension PolicyHolder {
    /// A group of the policy in force, or nil if there is no such group.
    package func delegatingGroup(_ name: String) -> DelegatingGroup? {
        snapshot.groups[name].map {
            DelegatingGroup(members: $0.members, delegates: $0.delegates)
        }
    }
}
