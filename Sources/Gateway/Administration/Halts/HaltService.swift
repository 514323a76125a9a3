package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Takes halts and releases: verifies them, puts them in force, stores and records them.
///
/// A halt takes effect first and is recorded afterwards; a release is recorded first. No halt waits for the audit log
/// before it takes effect.
///
/// INVARIANT: if the process dies between the writes of a halt or release, the order is in force or everything is
/// stopped; agents resume only by two people. Kept by `test_kill_crash.py`.
package final class HaltService: Sendable {
    struct State {
        var book: HaltHistory
        /// Releases that wait for a second person, by id.
        var drafts: [OrderID: ReleaseDraft] = [:]
        /// The reports of halts with calls or children that have not ended.
        var open: [OrderID: OpenReport] = [:]
        /// The reasons of the halts that this node is about to issue by itself, so that a trigger that is seen twice
        /// halts once.
        var coming: Set<String> = []
        /// The SHA-256 of the statement of the release that is being stored. Its file may be there before it is in force.
        var storing: Digest?
        /// The boot times of recent halts by detectors.
        var detected: [BootTime] = []
        /// The halts that the cluster has in force, by id.
        var shared: [OrderID: HaltOrder] = [:]

        /// The halts that calls are checked against.
        var inForce: HaltSet { shared.isEmpty ? book.set : book.set.adding(shared.values) }
    }

    let state: Mutex<State>
    let gateway: Gateway
    private let approvals: ApprovalService
    let store: any OrderStore
    let hashing: any Hashing
    let passkeys: OrderPasskeys<OrderRefusal>
    let threads: HaltThreads
    /// Is nil for a rehearsal, whose orders are in no control log.
    let entries: OrderEntryWriter?
    /// Is nil if no run is sandboxed here.
    let sandboxes: (any SandboxedRuns)?
    /// Is nil on one node.
    let cluster: (any ClusterHalts)?
    package let reports = HaltReports()
    /// Releases are stored one after the other.
    let releasing = AsyncGate()
    private let judging: @Sendable () -> HaltVerifier
    var judge: HaltVerifier { judging() }

    /// - Parameters:
    ///   - book: the history restored from the orders on disk; the gateway's halt registry must hold its set.
    ///   - entries: appends accepted orders to the control log.
    ///   - judge: returns the verifier for one order; called for each, because the enrolled people change.
    package init(
        gateway: Gateway, approvals: ApprovalService, book: HaltHistory,
        judge: @escaping @Sendable () -> HaltVerifier, store: any OrderStore,
        hashing: any Hashing, passkeys: PeoplePasskeys? = nil, threads: HaltThreads = .caller,
        entries: OrderEntryWriter? = nil, sandboxes: (any SandboxedRuns)? = nil,
        cluster: (any ClusterHalts)? = nil
    ) {
        self.sandboxes = sandboxes
        self.cluster = cluster
        self.entries = entries
        self.threads = threads
        state = Mutex(State(book: book))
        self.gateway = gateway
        self.approvals = approvals
        judging = judge
        self.store = store
        self.hashing = hashing
        self.passkeys = OrderPasskeys(gateway: gateway, people: passkeys)
    }

    /// The epoch that a release names: that of the cluster, or of this node alone.
    package var epoch: Int64 { cluster?.epoch ?? state.withLock { $0.book.epoch.number } }
    /// The epoch of this node alone, which the releases of its drills name.
    package var ownEpoch: Int64 { state.withLock { $0.book.epoch.number } }
    /// The name of this node in epochs and reports.
    package var node: String { state.withLock { $0.book.epoch.node } }
    package var org: String { state.withLock { $0.book.epoch.org } }

    /// Returns true if a halt stops every call to the server.
    package func isStopping(_ server: ServerName) -> Bool { gateway.halts.halts.stops(server) }

    /// Puts a halt in force, in the sequence of docs/specs/kill-switch.md, section 4: the set is replaced, calls in
    /// flight are cut while the order is written to disk, then the halt is recorded. Returns when every call that it
    /// cut and every child has ended, after waiting at most `patience` for them.
    ///
    /// The report states whether the order is durable. If the process dies before the order is on disk, no report has
    /// been returned; after that, the next start restores the halt.
    package func halt(
        _ envelope: Envelope, source: String, patience: Duration = .seconds(2)
    ) async throws(OrderRefusal) -> HaltReport {
        let received = gateway.clock.now
        let refused = gateway.counters.halted.value
        let accepted: AcceptedHalt
        do {
            accepted = try judge.halt(
                envelope, isTaken(envelope) ? .again(received.wall) : .now(received.wall))
        } catch { throw await self.refused(envelope, error) }
        let (isNew, epoch) = try apply(accepted, at: received.wall)
        if isNew { countLater(accepted.signature) }
        // A fault of this node alone stops this node alone, and a drill its canaries.
        if !accepted.order.local, accepted.order.target != .drill {
            cluster?.share(accepted.envelope)
        }
        async let kept = keep(accepted.envelope, accepted.order.id, epoch)
        let (cut, runs, children) = cutAll(for: accepted.order.id)
        let isDurable = await kept
        if isNew {
            note(accepted, epoch: epoch, source: source)
            entries?.add(.halt, accepted.order.id, accepted.envelope)
        }
        let left = await unfinished(cut, children, runs, patience: patience)
        var report = HaltReport(
            order: accepted.order, epoch: epoch.number, points: [], cutCalls: cut, left: left,
            isDurable: isDurable, duration: gateway.clock.boot - received.boot)
        report.points =
            [ownPoint(report, children, denied: gateway.counters.halted.value - refused)]
            + runs.points + HaltReport.absent
        if !isNew, let status = reports[accepted.order.id] { return status }
        reports.put(report)
        gateway.counters.killPropagationMicroseconds.store(
            Int(report.duration.microseconds), ordering: .relaxed)
        note(report)
        if !left.isEmpty || children.left > 0 || runs.left > 0 {
            keepOpen(report, children, runs, since: received)
        }
        return report
    }

    /// The enforcement points that a halt reaches. On one node the halt set is local, so this gateway is confirmed
    /// without a lease.
    package var points: [PointReport] {
        [PointReport(point: "gateway/\(node)", state: .confirmed)] + HaltReport.absent
    }

    /// Returns this gateway's entry in the report of a halt.
    func ownPoint(_ report: HaltReport, _ children: EndingChildren, denied: Int) -> PointReport {
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
            gateway.halts.replace(with: state.inForce)
            return (isNew, state.book.epoch)
        }
    }

    /// Ends all that the halts in force stop.
    func cutAll(
        for halt: OrderID
    ) -> (calls: [CutCall], runs: EndingSandboxes, children: EndingChildren) {
        let cut = cutCalls()
        let runs = endSandboxes(for: halt)
        // Subscriptions end before the children, so that no child is started again for a subscription that is halted.
        gateway.endHaltedSubscriptions()
        let children = endChildren()
        let policy = gateway.policy
        approvals.voidHalted(by: gateway.halts.halts) { policy.owner(of: $0) }
        gateway.endStreamsOfStrangers()
        return (cut, runs, children)
    }

    /// Returns true if an order with the same payload was taken before.
    func isTaken(_ envelope: Envelope) -> Bool {
        let digest = hashing.sha256(envelope.payload)
        return state.withLock { $0.book.has(digest) }
    }

    private func cutCalls() -> [CutCall] {
        let halts = gateway.halts.halts
        return gateway.inFlight.cancel(.halt) { $0.isStopped(by: halts) }.map(CutCall.init)
    }

    /// Ends the children of halted servers and agents, because a child could continue a request that it has received.
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

    private func endSandboxes(for halt: OrderID) -> EndingSandboxes {
        let (halts, policy) = (gateway.halts.halts, gateway.policy)
        return sandboxes?.endRuns(for: halt) { run, agent in
            halts.match(
                agent: agent, owner: policy.owner(of: agent), server: nil, tool: nil, run: run)
                != nil
        } ?? EndingSandboxes()
    }

    private func unfinished(
        _ cut: [CutCall], _ children: EndingChildren, _ runs: EndingSandboxes, patience: Duration
    ) async -> [CallID] {
        var observed = gateway.clock.boot
        let deadline = observed + patience
        while true {
            let left = stillInFlight(cut)
            if left.isEmpty, children.left == 0, runs.left == 0 { return [] }
            let now = gateway.clock.boot
            if runs.left > 0, now >= deadline || now - observed >= Self.observation {
                observed = now
                await observe(runs)
            }
            if now >= deadline { return left }
            await threads.pause(.milliseconds(5))
        }
    }

    /// The interval between two questions to the kernel about runs whose supervisors have not answered. Most answer
    /// before the first.
    private static let observation = Duration.milliseconds(50)

    func observe(_ runs: EndingSandboxes) async {
        guard let sandboxes else { return }
        await threads.run { sandboxes.observe(runs) }
    }

    func stillInFlight(_ cut: [CutCall]) -> [CallID] {
        let inFlight = Set(gateway.inFlight.all.map(\.call))
        return cut.map(\.call).filter(inFlight.contains)
    }

    /// - Returns: false if it could not be stored.
    func keep(_ envelope: Envelope, _ id: OrderID, _ epoch: Epoch) async -> Bool {
        await threads.run { [store] in
            do throws(StoreFailure) {
                try store.keep(envelope, id: id, epoch: epoch)
                return true
            } catch { return false }
        } ?? false
    }
}
