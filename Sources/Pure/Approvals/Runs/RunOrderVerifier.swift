package import InterlockModel

/// An order about a run whose signature and signer were found good. Only `RunOrderVerifier` makes one.
package struct AcceptedRunOrder: Hashable, Sendable {
    package let order: RunOrder
    package let envelope: Envelope

    fileprivate init(order: RunOrder, envelope: Envelope) {
        self.order = order
        self.envelope = envelope
    }
}

/// Judges who may pause a run and let it go on: the owner of its agent, and a person with the role `resume`; to pause,
/// one with the role `kill` too.
package struct RunOrderVerifier: Sendable {
    private let orders: SignedOrderVerifier

    package init(trust: AuthorizedKeys, verifier: any SignatureVerifier) {
        orders = SignedOrderVerifier(trust: trust, verifier: verifier)
    }

    /// - Parameter owner: of the agent whose run the order names; nil where there is no such run.
    package func judge(
        _ envelope: Envelope, at now: Timestamp, owner: (RunID) -> Pseudonym?
    ) throws(RunRefusal) -> AcceptedRunOrder {
        let order: RunOrder
        let person: TrustedPerson
        do throws(OrderRefusal) { (order, person) = try orders.accepted(envelope, at: now) } catch {
            throw .order(error)
        }
        guard SignedOrderVerifier.isTimely(order, at: now) else { throw .staleOrder }
        guard let owner = owner(order.run) else { throw .noSuchRun }
        let roles: Set<Role> = order.deed == .pause ? [.kill, .resume] : [.resume]
        guard person.pseudonym == owner || !person.roles.isDisjoint(with: roles) else {
            throw .order(.missingRole(.resume))
        }
        return AcceptedRunOrder(order: order, envelope: envelope)
    }
}

/// Why a run was not paused, or does not go on.
package enum RunRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case order(OrderRefusal)
    /// Signed too long ago, or in the future.
    case staleOrder
    case noSuchRun
    case alreadyPaused
    case notPaused
    case notRecorded(String)

    /// The status of HTTP that goes with it.
    package var status: Int {
        switch self {
        case .order(.form), .order(.otherKind), .order(.otherOrganisation): 400
        case .order: 403
        case .noSuchRun: 404
        case .staleOrder, .alreadyPaused, .notPaused: 409
        case .notRecorded: 503
        }
    }

    package var description: String {
        switch self {
        case .order(let refusal): "\(refusal)"
        case .staleOrder: "the order was signed too long ago, or its clock is ahead"
        case .noSuchRun: "no such run has called anything since the gateway started"
        case .alreadyPaused: "the run is paused already"
        case .notPaused: "the run is not paused"
        case .notRecorded(let code): "the log did not take it: \(code)"
        }
    }
}
