package import InterlockEvidence
package import InterlockGovernor
package import InterlockJSON
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
    package func terms(of order: ElevationOrder) throws(ElevationRefusal) -> ElevationTerms {
        try ElevationRules(gateway.policy.snapshot).terms(of: order)
    }

    /// Takes a signed request. On return, `elevation.requested` is durable in the log and the request in the store. If
    /// the process dies between the two, the log contains a request that cannot be approved.
    package func request(_ envelope: Envelope) async throws(ElevationRefusal) -> ElevationRequest {
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
        try await keep(request, insteadOf: nil)
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
            let proof = JSONValue.array(
                request.approvals.map { $0.envelope.evidence([$0.signature]) })
            try await record(
                .elevationGranted, request,
                ["by": .array(request.approvals.map { .string($0.pseudonym.text) })],
                [("proof", proof.serialized())])
        }
        try await keep(request, insteadOf: before)
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
        guard let isHeld = try? await store.holds(elevation: order.id) else {
            throw .notRecorded("store")
        }
        return isHeld
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
        if let halt = gateway.halt(of: agent) { throw .halted(halt) }
        if let entry = gateway.policy.snapshot.agents[agent],
            gateway.isReviewPast(entry, at: now)
        {
            throw .reviewOverdue(agent)
        }
    }
}

/// Drafts orders for a person's passkey to sign. No draft is stored: an elevation has its own id and is taken once, and
/// an approval or end signs the elevation's own bytes under another payload type.
extension ElevationService {
    /// Drafts a request in the name of `author`. Refuses a grant that the policy does not permit before the person is
    /// asked for a passkey.
    ///
    /// - Parameters:
    ///   - grants: the requested grants in the policy's canonical form, as in `ElevationOrder.grants`.
    ///   - from: the start in whole seconds, or nil to start now.
    package func draft(
        for agent: AgentName, _ grants: JSONValue, from: Timestamp?, lasting: Duration,
        reason: String, ticket: String, by author: Pseudonym
    ) throws(ElevationRefusal) -> OrderDraft {
        let trust = try trust(naming: author)
        let now = gateway.clock.wall
        let from = from ?? now.wholeSecond
        let id = ElevationID(
            milliseconds: now.milliseconds, random: gateway.ports.entropy.bytes(10))
        let (order, draft): (ElevationOrder, OrderDraft)
        do throws(FormError) {
            order = try ElevationOrder(
                id: id, org: trust.org, agent: agent, grants: grants, from: from,
                until: from + lasting, reason: reason, ticket: ticket, author: author)
            draft = try OrderDraft(order, for: author, trust: trust, hashing: hashing)
        } catch {
            throw .order(.form(error))
        }
        _ = try terms(of: order)
        return draft
    }

    /// Drafts an approval or end of an open elevation.
    package func draft(
        _ type: PayloadType, of id: ElevationID, by signer: Pseudonym
    ) throws(ElevationRefusal) -> OrderDraft {
        guard let request = self[id] else { throw .noSuchElevation }
        return OrderDraft(
            type, request.proposal.envelope.payload, for: signer, trust: try trust(naming: signer),
            hashing: hashing)
    }

    private func trust(naming person: Pseudonym) throws(ElevationRefusal) -> AuthorizedKeys {
        guard let trust = people.trust, trust.person(person) != nil else {
            throw .order(.unknownKey)
        }
        return trust
    }
}

extension Visibility {
    /// - Parameter terms: those of the policy in force, or nil if it does not permit the elevation.
    func sees(_ request: ElevationRequest, askedBy terms: @autoclosure () -> ElevationTerms?)
        -> Bool
    {
        if sees(request.order.agent) { return true }
        guard let person else { return false }
        return request.proposal.author == person || terms()?.eligible.contains(person) ?? false
    }
}

/// The visibility of elevations on the people plane. A viewer sees an elevation if they see its agent, requested it, or
/// are asked for approval by the policy in force (decision 0032).
extension ElevationService {
    /// The visible elevations that are requested or granted, by id.
    package func open(for viewer: Visibility) -> [ElevationRequest] {
        open.filter { shows($0, to: viewer) }
    }

    /// Returns nil if the elevation does not exist or is not visible.
    package func request(_ id: ElevationID, for viewer: Visibility) -> ElevationRequest? {
        self[id].flatMap { shows($0, to: viewer) ? $0 : nil }
    }

    private func shows(_ request: ElevationRequest, to viewer: Visibility) -> Bool {
        viewer.sees(request, askedBy: try? terms(of: request.order))
    }
}

extension ElevationService {
    /// Restores the open elevations from the store. An elevation that is malformed, or whose signatures no longer
    /// verify, grants nothing and raises an alert with the code of the refusal. Restores nothing while the authorized
    /// keys cannot be read.
    package func restore() async throws(StoreFailure) {
        guard let orders else { return }
        await gate.enter()
        defer { gate.leave() }
        for body in try await store.openElevations() {
            do throws(ElevationRefusal) {
                let request = try ElevationRequest(json: body, verifier: orders)
                state.withLock { $0[request.id] = request }
            } catch {
                gateway.raise(alarm: "elevation.unreadable", subject: error.code)
            }
        }
        await endUnfit()
        showGranted()
    }

    /// Ends the elevations whose window is over. Called every second.
    package func expire() async {
        let now = gateway.clock.wall
        guard open.contains(where: { $0.isDue(at: now) }) else { return }
        await gate.enter()
        defer { gate.leave() }
        for request in open where request.isDue(at: now) {
            _ = await close(request, .time, by: nil, proof: nil)
        }
    }

    /// Evaluates every open elevation under the policy that has just come into force, and ends those that it no longer
    /// permits.
    package func rejudge() async {
        await gate.enter()
        defer { gate.leave() }
        await endUnfit()
    }

    /// Verifies the signatures of every open elevation again after a change of people. An approval by a revoked
    /// credential no longer counts, and a granted elevation with too few approvals ends. An omitted approval stays in
    /// the store; the next start omits it again.
    package func followPeople() async {
        guard let orders else { return }
        await gate.enter()
        defer { gate.leave() }
        for before in open {
            do throws(ElevationRefusal) {
                let request = try ElevationRequest(json: before.json, verifier: orders)
                if request != before { state.withLock { $0[request.id] = request } }
            } catch {
                // The request itself no longer verifies, for example because its author's credential was revoked.
                gateway.raise(alarm: "elevation.unfit", subject: before.id.text)
                _ = await close(before, .policy, by: nil, proof: nil)
            }
        }
        await endUnfit()
    }

    private func endUnfit() async {
        for request in open {
            do throws(ElevationRefusal) {
                if request.holds(under: try terms(of: request.order)) { continue }
            } catch {
                gateway.raise(alarm: "elevation.unfit", subject: request.id.text)
            }
            _ = await close(request, .policy, by: nil, proof: nil)
        }
    }

    /// Puts the elevation out of force before the store and the record follow, so that a failure of theirs cannot keep
    /// a grant alive. The caller must hold the gate.
    ///
    /// - Returns: false if the store could not record the end; a restart then restores the elevation, and an alert says
    ///   so.
    private func close(
        _ before: ElevationRequest, _ cause: ElevationCause, by person: Pseudonym?,
        proof: [UInt8]?
    ) async -> Bool {
        var request = before
        guard request.end(cause) else { return true }
        show(request)
        let isKept = (try? await keep(request, insteadOf: before)) != nil
        if !isKept { gateway.raise(alarm: "elevation.end_not_kept", subject: request.id.text) }
        var fields: JSONObject = [
            "code": .string("elevation." + cause.rawValue.hyphensAsUnderscores)
        ]
        fields["by"] = person.map { .string($0.text) }
        gateway.ledger.note(
            draft(
                request.state == .denied ? .elevationDenied : .elevationEnded, request, fields,
                proof.map { [("proof", $0)] } ?? []))
        return isKept
    }

    /// Makes the new state visible to decisions and people. An ended elevation is removed from memory.
    private func show(_ request: ElevationRequest) {
        let wasGranted = state.withLock { state in
            let wasGranted = state[request.id]?.state == .granted
            state[request.id] = request.state.isFinal ? nil : request
            return wasGranted
        }
        guard wasGranted || request.state == .granted else { return }
        showGranted()
        gateway.tellChanges()
    }

    private func showGranted() {
        gateway.elevations.replace(
            with: open.filter { $0.state == .granted }.map(\.proposal.fact))
    }

    /// Stores the request instead of `before`, with its entry in the control log if it has one; durable on return.
    private func keep(
        _ request: ElevationRequest, insteadOf before: ElevationRequest?
    ) async throws(ElevationRefusal) {
        let isKept = try? await store.put(
            elevation: request.id, state: request.state.rawValue, revision: request.revision,
            replacing: before?.revision, body: request.json,
            appending: request.controlEntry(after: before?.state))
        guard isKept == true else { throw .notRecorded("store") }
    }

    /// Appends a record of the elevation to the audit log, durable on return.
    private func record(
        _ type: RecordType, _ request: ElevationRequest, _ fields: JSONObject,
        _ payloads: [(field: String, plaintext: [UInt8])]
    ) async throws(ElevationRefusal) {
        do throws(LedgerRefusal) {
            _ = try await gateway.ledger.append(draft(type, request, fields, payloads))
        } catch {
            throw .notRecorded(error.code)
        }
    }

    private func draft(
        _ type: RecordType, _ request: ElevationRequest, _ fields: JSONObject,
        _ payloads: [(field: String, plaintext: [UInt8])]
    ) -> RecordDraft {
        var fields = fields
        fields["elev"] = .string(request.id.text)
        fields["agent"] = .string(request.order.agent.text)
        fields["pol"] = .string(gateway.policy.snapshot.digestText)
        if type == .elevationRequested || type == .elevationGranted {
            fields["from"] = .integer(request.order.from.microseconds)
            fields["until"] = .integer(request.order.until.microseconds)
        }
        if type == .elevationRequested { fields["author"] = .string(request.order.author.text) }
        return gateway.records.record(type, run: nil, fields: fields, sealing: payloads)
    }
}
