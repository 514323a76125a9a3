package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Takes halts and releases: judges them, puts them in force, keeps and records them.
///
/// A halt acts first and is recorded after; a release is recorded first. Nothing here waits for the
/// ledger before a halt acts.
package final class HaltService: Sendable {
    struct State {
        var book: HaltHistory
        /// Releases that wait for a second person, by id.
        var drafts: [OrderID: ReleaseDraft] = [:]
        /// Reports in which something is left.
        var open: [OrderID: OpenReport] = [:]
        /// Why this node is about to halt by itself: a sign may be seen twice before the halt stands.
        var coming: Set<String> = []
        /// When detectors halted something, of late.
        var detected: [BootTime] = []
    }

    let state: Mutex<State>
    let gateway: Gateway
    private let approvals: ApprovalService
    let store: any OrderStore
    let hashing: any Hashing
    let passkeys: OrderPasskeys<OrderRefusal>
    let threads: HaltThreads
    package let reports = HaltReports()
    private let judging: @Sendable () -> SignedOrderVerifier
    var judge: SignedOrderVerifier { judging() }

    /// - Parameters:
    ///   - book: as the orders on disk gave it; the gateway's board must hold its set.
    ///   - judge: asked for with each order, since people come and go.
    package init(
        gateway: Gateway, approvals: ApprovalService, book: HaltHistory,
        judge: @escaping @Sendable () -> SignedOrderVerifier,
        store: any OrderStore, hashing: any Hashing, passkeys: PeoplePasskeys? = nil,
        threads: HaltThreads = .caller
    ) {
        self.threads = threads
        state = Mutex(State(book: book))
        self.gateway = gateway
        self.approvals = approvals
        judging = judge
        self.store = store
        self.hashing = hashing
        self.passkeys = OrderPasskeys(gateway: gateway, people: passkeys)
    }

    package var epoch: Int64 { state.withLock { $0.book.epoch.number } }
    /// This node, as epochs and reports name it.
    package var node: String { state.withLock { $0.book.epoch.node } }
    package var org: String { state.withLock { $0.book.epoch.org } }

    /// Whether nothing may be asked of the server, by whomever.
    package func isStopping(_ server: ServerName) -> Bool { gateway.halts.halts.stops(server) }

    /// Puts a halt in force, in the order of section 4: the set is swapped, the calls in flight are cut
    /// while the order is brought to disk, then it is recorded. Returns when every call that it cut has
    /// ended and every child is gone, at most `patience` later.
    ///
    /// If the process dies before the order is on disk nobody was told that it is in force; after that
    /// the next start has it.
    package func halt(
        _ envelope: Envelope, source: String, patience: Duration = .seconds(2)
    ) async throws(OrderRefusal) -> HaltReport {
        let received = gateway.clock.now
        let refused = gateway.counters.halted.value
        let accepted: AcceptedHalt
        do {
            accepted = try judge.halt(
                envelope, isTaken(envelope) ? .again(received.wall) : .now(received.wall))
        } catch {
            throw await self.refused(envelope, error)
        }
        let (isNew, epoch) = try apply(accepted, at: received.wall)
        if isNew { countLater(accepted.signature) }
        async let kept = keep(accepted.envelope, accepted.order.id, epoch)
        let cut = cutCalls()
        // Before the children end: what follows nothing is not started again.
        gateway.endHaltedSubscriptions()
        let children = endChildren()
        let policy = gateway.policy
        approvals.voidHalted(by: gateway.halts.halts) { policy.owner(of: $0) }
        gateway.endStreamsOfStrangers()
        let isDurable = await kept
        if isNew { note(accepted, epoch: epoch, source: source) }
        let left = await unfinished(cut, children, patience: patience)
        var report = HaltReport(
            order: accepted.order, epoch: epoch.number, points: [],
            cutCalls: cut, left: left, isDurable: isDurable,
            duration: gateway.clock.boot - received.boot)
        report.points =
            [ownPoint(report, children, denied: gateway.counters.halted.value - refused)]
            + HaltReport.absent
        if !isNew, let standing = reports[accepted.order.id] { return standing }
        reports.put(report)
        gateway.counters.killPropagationMicroseconds.store(
            Int(report.duration.microseconds), ordering: .relaxed)
        note(report)
        if !left.isEmpty || children.left > 0 { keepOpen(report, children, since: received) }
        return report
    }

    /// What a halt would reach, each with the bound that holds: on one node the set is local, without a
    /// lease.
    package var points: [PointReport] {
        [PointReport(point: "gateway/\(node)", state: .confirmed)] + HaltReport.absent
    }

    /// This gateway's own word on a halt.
    func ownPoint(
        _ report: HaltReport, _ children: EndingChildren, denied: Int
    ) -> PointReport {
        let left = report.left.count + children.left
        var point = PointReport(
            point: "gateway/\(node)",
            state: left == 0 && report.isDurable ? .confirmed : .notConfirmed)
        point.duration = report.duration
        point.denied = denied
        point.left = left
        point.unknown = report.cutCalls.count { $0.end == .unknown }
        point.cancelled = report.cut - point.unknown - report.left.count
        if !report.isDurable { point.note = "not_durable" }
        return point
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

    /// Whether the same bytes were taken before.
    func isTaken(_ envelope: Envelope) -> Bool {
        let digest = hashing.sha256(envelope.payload)
        return state.withLock { $0.book.has(digest) }
    }

    private func cutCalls() -> [CutCall] {
        let halts = gateway.halts.halts
        return gateway.inFlight.cancel(.halt) { $0.isStopped(by: halts) }.map(CutCall.init)
    }

    /// A child may go on by itself with what it was asked, or has begun.
    private func endChildren() -> EndingChildren {
        let halts = gateway.halts.halts
        let policy = gateway.policy
        return gateway.upstreams.endChildren { server, agent in
            guard let agent else { return halts.stops(server) }
            return halts.match(
                agent: agent, owner: policy.owner(of: agent), server: server, tool: nil, run: nil)
                != nil
        }
    }

    private func unfinished(
        _ cut: [CutCall], _ children: EndingChildren, patience: Duration
    ) async -> [CallID] {
        let deadline = gateway.clock.boot + patience
        while true {
            let left = stillInFlight(cut)
            if left.isEmpty, children.left == 0 { return [] }
            if gateway.clock.boot >= deadline { return left }
            await threads.pause(.milliseconds(5))
        }
    }

    func stillInFlight(_ cut: [CutCall]) -> [CallID] {
        let inFlight = Set(gateway.inFlight.all.map(\.call))
        return cut.map(\.call).filter(inFlight.contains)
    }

    private func keep(_ envelope: Envelope, _ id: OrderID, _ epoch: Epoch) async -> Bool {
        await threads.run { [store] in
            do throws(StoreFailure) {
                try store.keep(envelope, id: id, epoch: epoch)
                return true
            } catch {
                return false
            }
        } ?? false
    }
}
