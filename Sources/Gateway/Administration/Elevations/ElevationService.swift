package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts
import Synchronization

/// Takes requests for elevations and people's signatures under them, and puts granted elevations in force.
///
/// A grant is durable in the audit log and in the store before a decision can see it; an end takes effect first and is
/// recorded afterwards.
package final class ElevationService: Sendable {
    let state = Mutex<[ElevationID: ElevationRequest]>([:])
    let gate = AsyncGate()
    let gateway: Gateway
    let store: any ElevationStore
    let people: AuthorizedKeysHolder
    private let verifier: any SignatureVerifier
    private let passkeys: OrderPasskeys<ElevationRefusal>
    let hashing: any Hashing
    /// Verifies orders by the people who are enrolled now; is nil while the authorized keys cannot be read, so no
    /// signature is accepted.
    var orders: SignedOrderVerifier? {
        people.trust.map {
            SignedOrderVerifier(trust: $0, verifier: verifier, passkeys: passkeys.judge(hashing))
        }
    }

    package init(
        gateway: Gateway, store: any ElevationStore, people: AuthorizedKeysHolder,
        verifier: any SignatureVerifier, passkeys: PeoplePasskeys? = nil, hashing: any Hashing
    ) {
        self.gateway = gateway
        self.store = store
        self.people = people
        self.verifier = verifier
        self.passkeys = OrderPasskeys(gateway: gateway, people: passkeys)
        self.hashing = hashing
    }

    /// The elevations that are requested or granted, sorted by id.
    package var open: [ElevationRequest] {
        state.withLock { state in
            state.values.filter { !$0.state.isFinal }.sorted { $0.id.text < $1.id.text }
        }
    }

    package subscript(id: ElevationID) -> ElevationRequest? { state.withLock { $0[id] } }

    /// Returns the approvals that the policy in force requires before this elevation is granted.
    package func terms(
        of order: ElevationOrder
    ) throws(ElevationRefusal) -> ElevationTerms {
        try ElevationRules(gateway.policy.snapshot).terms(of: order)
    }

    /// Takes a signed request. On return, `elevation.requested` is durable in the log and the request in the store. If
    /// the process dies between the two, the log contains a request that cannot be approved.
    package func request(
        _ envelope: Envelope
    ) async throws(ElevationRefusal) -> ElevationRequest {
        guard let orders else { throw .order(.unknownKey) }
        await gate.enter()
        defer { gate.leave() }
        let now = gateway.clock.wall
        // A repeated envelope is refused here, even after the elevation's end, so that no counter is compared with
        // itself.
        guard try await !isTaken(envelope) else { throw .taken }
        let proposal = try await passkeys.believed(envelope) { () throws(ElevationRefusal) in
            try orders.verify(envelope, as: ElevationOrder.self, .now(now))
        }
        let request = try ElevationRequest(proposal, at: now)
        try admit(request)
        let terms = try terms(of: request.order)
        try await passkeys.count(proposal.signatures)
        try await record(
            .elevationRequested, request, ["need": .integer(Int64(terms.need))],
            [("bind", proposal.evidence)])
        try await keep { () async throws(StoreFailure) in
            try await self.store.insert(
                elevation: request.id, state: request.state.rawValue, revision: request.revision,
                body: request.json)
            return true
        }
        show(request)
        return request
    }

    /// Adds an approval, durable in the store on return. Before it returns `granted`, `elevation.granted` with every
    /// signature is durable in the log, then the state in the store. If the process dies between the two, the elevation
    /// is not granted, and the last approver must approve it again.
    package func approve(
        _ id: ElevationID, _ envelope: Envelope
    ) async throws(ElevationRefusal) -> ElevationRequest.Progress {
        guard let orders else { throw .order(.unknownKey) }
        await gate.enter()
        defer { gate.leave() }
        guard let before = self[id] else { throw .noSuchElevation }
        let now = gateway.clock.wall
        guard !before.approvals.contains(where: { $0.envelope.isOfSameUses(as: envelope) }) else {
            throw .alreadyApproved
        }
        let approval = try await passkeys.believed(envelope) { () throws(ElevationRefusal) in
            try orders.approval(envelope, of: before.proposal, at: now)
        }
        try refuseStopped(before.order, at: now)
        var request = before
        let progress = try request.approve(approval, under: try terms(of: before.order), at: now)
        try await passkeys.count([approval.signature])
        if progress == .granted {
            try await record(
                .elevationGranted, request,
                ["by": .array(request.approvals.map { .string($0.pseudonym.text) })],
                [("proof", proof(of: request))])
        }
        try await replace(before, with: request)
        show(request)
        return progress
    }

    /// Ends the elevation for decisions, then in the store; durable on return. After `notRecorded`, a person must end
    /// it again: either the passkey's counter was not stored and the elevation has not ended, or a restart would
    /// restore it.
    package func end(_ id: ElevationID, _ envelope: Envelope) async throws(ElevationRefusal) {
        guard let orders else { throw .order(.unknownKey) }
        await gate.enter()
        defer { gate.leave() }
        guard let before = self[id] else { throw .noSuchElevation }
        // Any enrolled person may end an elevation, because an end only removes rights.
        let ender = try await passkeys.believed(envelope) { () throws(ElevationRefusal) in
            try orders.verify(
                envelope, as: .elevationEnd, over: before.proposal, .now(gateway.clock.wall))
        }
        try await passkeys.count([ender])
        let proof = envelope.evidence([ender]).serialized()
        guard await close(before, .byHand, by: ender.signer, proof: proof) else {
            throw .notRecorded("store")
        }
    }

    /// Returns true if an elevation with this id exists or existed.
    private func isTaken(_ envelope: Envelope) async throws(ElevationRefusal) -> Bool {
        guard let order = try? ElevationOrder(parsing: envelope.payload) else { return false }
        if self[order.id] != nil { return true }
        do throws(StoreFailure) { return try await store.holds(elevation: order.id) } catch {
            throw .notRecorded("store")
        }
    }

    private func admit(_ request: ElevationRequest) throws(ElevationRefusal) {
        try refuseStopped(request.order, at: request.created)
        let all = open
        guard all.count < ElevationLimits.open,
            all.count(where: { $0.order.agent == request.order.agent })
                < ElevationLimits.openOfAgent
        else { throw .tooMany }
    }

    /// Refuses an agent that is halted (docs/specs/kill-switch.md, section 4) or whose review is overdue.
    private func refuseStopped(
        _ order: ElevationOrder, at now: Timestamp
    ) throws(ElevationRefusal) {
        let agent = order.agent
        if let halt = gateway.halts.match(
            agent: agent, owner: gateway.policy.owner(of: agent), server: nil, tool: nil, run: nil)
        {
            throw .halted(halt)
        }
        if let review = gateway.policy.snapshot.agents[agent]?.reviewBy, now >= review.end {
            throw .reviewOverdue(agent)
        }
    }

    private func proof(of request: ElevationRequest) -> [UInt8] {
        JSONValue.array(request.approvals.map { $0.envelope.evidence([$0.signature]) })
            .serialized()
    }
}
