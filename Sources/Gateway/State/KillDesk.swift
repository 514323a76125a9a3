import InterlockJSON
import InterlockLedger
package import InterlockModel
import Synchronization

/// Takes halts and releases: judges them, puts them in force, keeps and records them.
///
/// A halt acts first and is recorded after; a release is recorded first. Nothing here waits for the
/// ledger before a halt acts.
package final class KillDesk: Sendable {
    private struct State {
        var book: HaltBook
        /// Releases that wait for a second person, by id.
        var drafts: [OrderID: ReleaseDraft] = [:]
    }

    private let state: Mutex<State>
    private let gateway: Gateway
    private let judging: @Sendable () -> OrderJudge
    private var judge: OrderJudge { judging() }
    private let store: any OrderStore
    private let hashing: any Hashing

    /// - Parameters:
    ///   - book: as the orders on disk gave it; the gateway's board must hold its set.
    ///   - judge: asked for with each order, since people come and go.
    package init(
        gateway: Gateway, book: HaltBook, judge: @escaping @Sendable () -> OrderJudge,
        store: any OrderStore, hashing: any Hashing
    ) {
        state = Mutex(State(book: book))
        self.gateway = gateway
        judging = judge
        self.store = store
        self.hashing = hashing
    }

    package var epoch: Int64 { state.withLock { $0.book.epoch.number } }

    /// Puts a halt in force. Returns when every call that it cut has ended, at most `patience` later.
    package func halt(
        _ envelope: Envelope, source: String, patience: Duration = .seconds(2)
    ) async throws(OrderRefusal) -> HaltReport {
        let received = gateway.clock.now
        let accepted: AcceptedHalt
        do { accepted = try judge.halt(envelope, .now(received.wall)) } catch {
            note(refused: error)
            throw error
        }
        let (isNew, epoch) = try apply(accepted, at: received.wall)
        let cut = cutCalls()
        // Before the children end: what follows nothing is not started again.
        gateway.reviewSubscriptions()
        endChildren()
        let policy = gateway.policy
        gateway.approvals.voidHalted(by: gateway.halts.halts) { policy.owner(of: $0) }
        gateway.endStreamsOfStrangers()
        let isDurable = keep(accepted.envelope, accepted.order.id, epoch)
        if isNew { note(accepted, epoch: epoch, source: source) }
        let left = await unfinished(cut, patience: patience)
        let report = HaltReport(
            order: accepted.order, epoch: epoch.number,
            cutCalls: cut.map { CutCall(call: $0.call, address: $0.address, sent: $0.since.wall) },
            left: left,
            isDurable: isDurable,
            duration: gateway.clock.now.boot - received.boot)
        if isNew { note(report) }
        return report
    }

    /// Takes a release with its first signature; it waits an hour for the second person.
    package func propose(_ envelope: Envelope) async throws(OrderRefusal) -> ReleaseDraft.Progress {
        let now = gateway.clock.now.wall
        let draft: ReleaseDraft
        do {
            draft = try ReleaseDraft(envelope, judge: judge, now: now)
            try state.withLock { state throws(OrderRefusal) in try state.book.check(draft.order) }
        } catch {
            note(refused: error)
            throw error
        }
        state.withLock { state in
            state.drafts = state.drafts.filter { now < $0.value.started + ReleaseDraft.life }
            state.drafts[draft.order.id] = draft
        }
        gateway.ledger.note(
            RecordDraft(
                .killReleaseRequested, run: nil, fields: ["req": .string(draft.order.id.text)]))
        return try await settle(draft.progress(judge: judge, now: now))
    }

    /// The order that a second person signs; nil when there is no such release.
    package func pending(_ id: OrderID) -> ReleaseOrder? { state.withLock { $0.drafts[id]?.order } }

    /// Adds the second person's signature and, when it is the last one needed, releases.
    package func confirm(
        _ id: OrderID, _ envelope: Envelope
    ) async throws(OrderRefusal) -> ReleaseDraft.Progress {
        let now = gateway.clock.now.wall
        let progress: ReleaseDraft.Progress
        do {
            progress = try state.withLock { state throws(OrderRefusal) in
                guard var draft = state.drafts[id] else { throw OrderRefusal.unknownHalt(id) }
                let progress = try draft.sign(envelope, judge: judge, now: now)
                state.drafts[id] = draft
                return progress
            }
        } catch {
            note(refused: error)
            throw error
        }
        return try await settle(progress)
    }

    private func settle(_ progress: ReleaseDraft.Progress) async throws(OrderRefusal)
        -> ReleaseDraft.Progress
    {
        guard case .ready(let envelope) = progress else { return progress }
        let now = gateway.clock.now.wall
        let accepted = try judge.release(envelope, .now(now))
        try state.withLock { state throws(OrderRefusal) in try state.book.check(accepted.order) }
        try await record(accepted)
        try state.withLock { state throws(OrderRefusal) in
            // On a copy: what cannot be kept must not be in force.
            var book = state.book
            _ = try book.apply(accepted, at: now, hashing: hashing)
            do throws(StoreFailure) {
                try store.keep(accepted.envelope, id: accepted.order.id, epoch: book.epoch)
            } catch {
                throw OrderRefusal.notRecorded("state/kill")
            }
            state.book = book
            state.drafts[accepted.order.id] = nil
            gateway.halts.replace(with: book.set)
        }
        return progress
    }

    private func apply(_ accepted: AcceptedHalt, at: Timestamp) throws(OrderRefusal) -> (
        isNew: Bool, Epoch
    ) {
        try state.withLock { state throws(OrderRefusal) in
            let isNew = try state.book.apply(accepted, at: at, hashing: hashing)
            // INVARIANT: swap first, walk the calls in flight after; see InFlightTable.
            gateway.halts.replace(with: state.book.set)
            return (isNew, state.book.epoch)
        }
    }

    private func cutCalls() -> [InFlightTable.Entry] {
        let halts = gateway.halts.halts
        return gateway.inFlight.cancel(.halt) {
            halts.match(
                agent: $0.principal.agent, owner: $0.owner, server: $0.address.server,
                tool: $0.address,
                run: $0.principal.run) != nil
        }
    }

    /// A child may go on by itself with what it was asked, or has begun.
    private func endChildren() {
        let halts = gateway.halts.halts
        let policy = gateway.policy
        gateway.upstreams.endChildren { server, agent in
            guard let agent else { return halts.stops(server) }
            return halts.match(
                agent: agent, owner: policy.owner(of: agent), server: server, tool: nil, run: nil)
                != nil
        }
    }

    private func unfinished(_ cut: [InFlightTable.Entry], patience: Duration) async -> [CallID] {
        let ids = Set(cut.map(\.call))
        let deadline = gateway.clock.now.boot + patience
        while true {
            let left = gateway.inFlight.all.map(\.call).filter(ids.contains)
            if left.isEmpty || gateway.clock.now.boot >= deadline { return left }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private func keep(_ envelope: Envelope, _ id: OrderID, _ epoch: Epoch) -> Bool {
        do throws(StoreFailure) {
            try store.keep(envelope, id: id, epoch: epoch)
            return true
        } catch {
            return false
        }
    }
}

/// One call that was under way when the halt came.
package struct CutCall: Sendable {
    package let call: CallID
    package let address: ToolAddress
    package let sent: Timestamp
}

/// What a halt reached on this node, to be said honestly.
package struct HaltReport: Sendable {
    package let order: HaltOrder
    package let epoch: Int64
    /// Calls in flight that it cancelled. What the server had already begun is not undone by that, so
    /// a person looks at each.
    package let cutCalls: [CutCall]
    package var cut: Int { cutCalls.count }
    /// Of those, the ones that had not ended in time.
    package let left: [CallID]
    /// Whether the order's file is on disk.
    package let isDurable: Bool
    package let duration: Duration

    package var isConfirmed: Bool { left.isEmpty && isDurable }
}

extension KillDesk {
    private func note(_ accepted: AcceptedHalt, epoch: Epoch, source: String) {
        let order = accepted.order
        var run: RunContext?
        if case .run(let id) = order.target { run = gateway.runs.all.first { $0.run == id } }
        gateway.ledger.note(
            gateway.records.record(
                .killRequested, run: run,
                fields: [
                    "scope": .string(order.target.scope), "target": .string(order.target.target),
                    "kep": .integer(epoch.number), "by": .string(order.author.text),
                    "src": .string(source), "code": "operator", "req": .string(order.id.text),
                ],
                sealing: [("why", accepted.envelope.bytes)]))
        if accepted.expiredKey {
            gateway.raise(alarm: "kill.expired_key", subject: order.id.text)
        }
    }

    private func note(_ report: HaltReport) {
        gateway.ledger.note(
            RecordDraft(
                .killEffective, run: nil,
                fields: [
                    "req": .string(report.order.id.text), "kep": .integer(report.epoch),
                    "points": 1,
                    "missed": .integer(report.isConfirmed ? 0 : 1),
                    "cut": .integer(Int64(report.cut)),
                    "left": .integer(Int64(report.left.count)),
                    "dur": .integer(report.duration.microseconds),
                ]))
    }

    private func note(refused: OrderRefusal) {
        gateway.raise(alarm: "kill.refused", subject: refused.code)
        gateway.ledger.note(
            RecordDraft(.killRefused, run: nil, fields: ["code": .string("kill." + refused.code)]))
    }

    /// A release is durable before it acts.
    private func record(_ accepted: AcceptedRelease) async throws(OrderRefusal) {
        let record = gateway.records.record(
            .killReleased, run: nil,
            fields: [
                "req": .string(accepted.order.id.text), "kep": .integer(epoch + 1),
                "by": .array(accepted.signers.map { .string($0.text) }),
            ],
            sealing: [("why", accepted.envelope.bytes)])
        do throws(LedgerRefusal) {
            _ = try await gateway.ledger.append(record)
        } catch {
            throw .notRecorded(error.code)
        }
    }
}
