package import InterlockApprovals
package import InterlockModel
package import InterlockPorts

/// Orders that people sign, as the people plane takes them. Who carries one does not matter: the signature says who
/// orders what, and the desk that every order comes to judges it.
package protocol OrderActions: Sendable {
    /// Who is enrolled now; nil while that cannot be read.
    var people: PeopleDirectory? { get }

    /// An order about who decides: what is done is durable on return.
    func take(_ order: Envelope, from carrier: Pseudonym) async throws(PeopleRefusal) -> TakenOrder

    /// An order that one person decides instead of several, about this request alone.
    ///
    /// - Returns: the revision that is shown from here on.
    func breakGlass(
        _ order: Envelope, at id: ApprovalID, from carrier: Pseudonym
    ) async throws(BreakGlassRefusal) -> Int

    /// Another person's word that it was looked at.
    func review(
        _ order: Envelope, at id: ApprovalID, from carrier: Pseudonym
    ) async throws(BreakGlassRefusal)
}

/// What became of an order about people.
package enum TakenOrder: Sendable {
    /// The token of the link is shown once, and kept by nobody here.
    case invited(Invitation, token: String)
    case enrolled(Person)
    /// A second person has to sign.
    case waits(OrderID, until: Timestamp)
    case changed(Person)
    case revoked(Person)
    /// As that of an invitation, the token is shown once.
    case tokenIssued(ServiceAccountToken, token: String)
    case tokenEnded(ServiceAccountName)
}

/// Brings each order to its desk.
package struct OrderRouter: OrderActions {
    private let register: PeopleService
    private let approvals: ApprovalService
    private let pseudonyms: any Pseudonyms
    private let watch: RefusalRecorder<Pseudonym>

    package init(
        people: PeopleService, approvals: ApprovalService, pseudonyms: any Pseudonyms,
        watch: RefusalRecorder<Pseudonym>
    ) {
        self.watch = watch
        register = people
        self.approvals = approvals
        self.pseudonyms = pseudonyms
    }

    package var people: PeopleDirectory? { register.book }

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
        _ id: ApprovalID, _ carrier: Pseudonym,
        _ deed: () async throws(BreakGlassRefusal) -> Done
    ) async throws(BreakGlassRefusal) -> Done {
        do throws(BreakGlassRefusal) { return try await deed() } catch {
            watch.note(carrier, "break-glass \(carrier.text) \(id.text): \(error)")
            throw error
        }
    }

    private func taken(_ envelope: Envelope) async throws(PeopleRefusal) -> TakenOrder {
        // Only to find the desk's method, which verifies the whole of it.
        switch try PeopleOrder(envelope).deed {
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

    private func check(_ envelope: Envelope, _ id: ApprovalID) throws(BreakGlassRefusal) {
        guard try BreakGlassOrder(envelope).request == id else {
            throw .request(.digestMismatch)
        }
    }
}
