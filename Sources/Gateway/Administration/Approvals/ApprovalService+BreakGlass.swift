package import InterlockApprovals
import InterlockEvidence
import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Reads the uses of break-glass from the log.
package protocol BreakGlassLogReader: Sendable {
    /// Returns every `approval.breakglass` and `approval.reviewed`, and each `approval.granted` that follows a use for
    /// its request, in the order of the log, each with its index.
    ///
    /// - Throws: if the log cannot be read; break-glass is then refused.
    func breakGlass() async throws(StoreFailure) -> [(index: UInt64, leaf: JSONValue)]
}

/// Break-glass: one person decides in place of several, for one call (docs/specs/approvals.md, section 6). It overrides
/// neither the policy nor a halt, and another person must review it within a day.
extension ApprovalService {
    /// Reads the earlier uses from the log. Break-glass is refused until this has succeeded.
    package func restoreBreakGlass() async {
        var book = BreakGlassHistory()
        if let logReader = ports.glassTrail {
            do throws(StoreFailure) {
                for (index, leaf) in try await logReader.breakGlass() {
                    book.replay(leaf, at: index)
                }
            } catch { return ports.alarm("break_glass.unread", "ledger") }
        }
        state.withLock { $0.glass = $0.glass ?? book }
    }

    /// Is nil until it was read from the log.
    package var breakGlass: BreakGlassHistory? { state.withLock(\.glass) }

    /// Reissues the request so that one person decides it. The order is durable before a vote on that revision is
    /// possible.
    ///
    /// - Returns: the revision that is shown from now on.
    package func breakGlass(_ envelope: Envelope) async throws(BreakGlassRefusal) -> Int {
        let id = try await accepted(envelope).0.order.request
        await gates.breakGlass.enter()
        defer { gates.breakGlass.leave() }
        await gates.requests.enter(id)
        defer { gates.requests.leave(id) }
        // The order is verified again inside the gates, so that a revocation that came in the meantime counts.
        let (accepted, now) = try await accepted(envelope)
        guard case .lower(let revision, let ticket) = accepted.order.action else {
            throw .order(.otherKind)
        }
        guard let book = breakGlass else { throw .notRead }
        try book.allow(accepted.order.author, at: now)
        let request = try pending(accepted.order.request, revision, now)
        let form = try lowered(request, accepted.order, ticket)
        try await passkeys.count(accepted.signatures)
        guard !isProbe(request.id) else {
            // A probe cannot be reissued. It ends as a request whose agent gave up in the meantime, which says nothing.
            _ = await changeInside(request.id, .withdraw(.cancelled))
            throw .request(.closed(.withdrawn))
        }
        let receipt: Receipt
        do throws(LedgerRefusal) {
            receipt = try await ports.ledger.append(
                draft(
                    .approvalBreakGlass, request,
                    [
                        "by": .string(accepted.order.author.text),
                        "rev": .integer(Int64(form.review.revision)),
                        "was": .integer(Int64(request.decision.quorum)),
                    ], [("order", accepted.evidence)]))
        } catch { throw .request(.notRecorded(error.code)) }
        state.withLock {
            $0.glass?.add(
                request.id, by: accepted.order.author, at: now, record: receipt.index)
        }
        ports.alarm("approval.break_glass", request.id.text)
        switch await changeInside(request.id, .breakGlass(form)) {
        case .reissued(let revision): return revision
        case .refused(let refusal): throw .request(refusal)
        default: throw .request(.closed(self[request.id]?.state ?? .void))
        }
    }

    /// Records another person's signed review of a use. Durable on return.
    package func review(_ envelope: Envelope) async throws(BreakGlassRefusal) {
        let id = try await accepted(envelope).0.order.request
        await gates.breakGlass.enter()
        defer { gates.breakGlass.leave() }
        // A vote of the reviewer that is being counted is in the history before the review is allowed.
        await gates.requests.enter(id)
        defer { gates.requests.leave(id) }
        let (accepted, now) = try await accepted(envelope)
        let order = accepted.order
        guard order.action == .review else { throw .order(.otherKind) }
        guard let book = breakGlass else { throw .notRead }
        try book.allowReview(of: order.request, by: order.author, signed: order.at)
        try await passkeys.count(accepted.signatures)
        let receipt: Receipt
        do throws(LedgerRefusal) {
            receipt = try await ports.ledger.append(
                ports.records.record(
                    .approvalReviewed, run: nil,
                    fields: [
                        "appr": .string(order.request.text), "by": .string(order.author.text),
                    ], sealing: [("order", accepted.evidence)]))
        } catch { throw .request(.notRecorded(error.code)) }
        state.withLock {
            $0.glass?.review(
                order.request, .init(by: order.author, at: now, record: receipt.index))
        }
    }

    /// Notes the voters of a request that was decided by break-glass, because they must not review its use.
    func noteBreakGlassVotes(of request: ApprovalRequest) {
        guard request.decision.loweredFrom != nil else { return }
        state.withLock { state in
            for vote in request.votes { state.glass?.vote(at: request.id, by: vote.approver) }
        }
    }

    private var passkeys: OrderPasskeys<BreakGlassRefusal> {
        OrderPasskeys(people: ports.passkeys, alarm: ports.alarm)
    }

    private func accepted(
        _ envelope: Envelope
    ) async throws(BreakGlassRefusal) -> (AcceptedBreakGlass, Timestamp) {
        guard let orders = ports.breakGlassOrders else { throw .order(.unknownKey) }
        let now = ports.clock.wall
        let accepted = try await passkeys.believed(envelope) { () throws(BreakGlassRefusal) in
            try orders.verify(envelope, as: BreakGlassOrder.self, .now(now))
        }
        if let used = accepted.signatures[0].passkey,
            case .limited(let end)? = ports.passkeys?.register.passkey(used.id)?.state(at: now)
        {
            throw .tooNew(end)
        }
        return (accepted, now)
    }

    private func pending(
        _ id: ApprovalID, _ revision: Int, _ now: Timestamp
    ) throws(BreakGlassRefusal) -> ApprovalRequest {
        guard let request = shown(id) else { throw .request(.noSuchRequest) }
        guard request.state == .pending else { throw .request(.closed(request.state)) }
        guard now < request.expires else { throw .request(.closed(.expired)) }
        guard request.revision == revision else { throw .request(.revisionChanged) }
        guard !request.voters.isEmpty else { throw .request(.notEligible(.notMember)) }
        return request
    }

    /// Returns the same review with a quorum of one, and with the order's author, reason and ticket.
    private func lowered(
        _ request: ApprovalRequest, _ order: BreakGlassOrder, _ ticket: String
    ) throws(BreakGlassRefusal) -> BoundReview {
        guard let decision = request.decision.lowered else { throw .nothingToLower }
        let old = request.review
        var facts = old.facts.object ?? [:]
        facts[ReviewDocument.breakGlass] = [
            "by": .string(order.author.text), "reason": .string(order.reason),
            "ticket": .string(ticket),
        ]
        do throws(FormError) {
            let review = try ReviewDocument(
                request: old.request, revision: old.revision + 1, call: old.call,
                policy: old.policy, decision: decision, facts: .object(facts),
                template: old.template)
            return BoundReview(review, salt: ports.entropy.bytes(32), ports.hashing)
        } catch { throw .request(.malformed(error)) }
    }

    /// Verifies that this person may order this now, by what the service itself requires of a signed order.
    ///
    /// - Returns: the person's passkeys that can sign it.
    package func mayOrder(
        _ content: BreakGlassContent, _ author: Pseudonym
    ) throws(BreakGlassRefusal) -> [PasskeyID] {
        guard let directory = ports.people.book, let person = directory.trust.person(author) else {
            throw .order(.unknownKey)
        }
        if let role = content.missingRole(of: person) { throw .order(.missingRole(role)) }
        guard let book = breakGlass else { throw .notRead }
        let now = ports.clock.wall
        switch content.action {
        case .lower(let revision, _):
            try book.allow(author, at: now)
            let request = try pending(content.request, revision, now)
            guard request.decision.lowered != nil else { throw .nothingToLower }
        case .review: try book.allowReview(of: content.request, by: author, signed: now)
        }
        let (usable, from) = directory.passkeys(of: author, giving: true, at: now)
        if let from { throw .tooNew(from) }
        return usable.map(\.id)
    }

    /// Drafts an order in the name of one person, for a passkey to sign; nothing of it is stored.
    package func draftOrder(
        _ content: BreakGlassContent, because reason: String, by author: Pseudonym
    ) throws(BreakGlassRefusal) -> OrderDraft {
        let credentials = try mayOrder(content, author)
        let now = ports.clock.wall
        do throws(FormError) {
            let order = try BreakGlassOrder(
                id: OrderID(milliseconds: now.milliseconds, random: ports.entropy.bytes(10)),
                org: ports.people.trust?.org ?? "", content: content, reason: reason,
                author: author, at: now)
            return OrderDraft(
                .breakGlass, try order.canonical(), credentials: credentials,
                hashing: ports.hashing)
        } catch { throw .order(.form(error)) }
    }

    /// Raises one alert for each use whose review is overdue.
    func alertOverdueReviews(at now: Timestamp) {
        let overdue = state.withLock { state -> [BreakGlassHistory.Use] in
            let late = state.glass?.overdue(at: now) ?? []
            return late.filter { state.told.insert($0).inserted }
        }
        for use in overdue { ports.alarm("break_glass.review_overdue", use.request.text) }
    }
}
