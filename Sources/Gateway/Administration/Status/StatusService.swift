import InterlockAlerts
package import InterlockGovernor
package import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization

/// Builds the gateway's status from its components, and notifies listeners of changes.
package final class StatusService: Sendable {
    private let gateway: Gateway
    private let approvals: ApprovalService
    private let alarms: AlertDispositionService?
    private let drills: DrillService?
    private let alerts: NotificationService?
    private let hour: Mutex<LastHour>
    private let topics = ChangeNotifier<Void>()
    private let told = Mutex<ChangeToken?>(nil)

    private static let mostAlarms = 20
    private static let mostRuns = 200

    /// - Parameters:
    ///   - alarms: nil if alerts are not stored.
    ///   - drills: nil if there are none here.
    ///   - alerts: nil if people are not notified.
    package init(
        gateway: Gateway, approvals: ApprovalService, alarms: AlertDispositionService?,
        drills: DrillService? = nil, alerts: NotificationService? = nil
    ) {
        self.gateway = gateway
        hour = Mutex(LastHour(at: gateway.clock.now))
        self.approvals = approvals
        self.alarms = alarms
        self.drills = drills
        self.alerts = alerts
    }

    /// Counts calls, and notifies listeners if the status has changed. Called twice a second.
    package func sweep() {
        let mark = ChangeToken(gateway)
        // Counted by agent, as the log has them: a call that a halt refuses is denied too.
        let denied = gateway.tally.denials.values.reduce(0, +)
        let times = DurationCounts(gateway.figures.stageTimes[.execute])
        hour.withLock {
            $0.note(
                allowed: gateway.counters.allowed.value, denied: Int(clamping: denied),
                times: times, at: gateway.clock.now)
        }
        let isNews = told.withLock { told in
            defer { told = mark }
            return told != mark
        }
        if isNews { topics.tell() }
    }

    /// Puts the calls of before the start of this process into the last hour.
    package func refill(_ recent: RecentCalls) {
        hour.withLock { $0.refill(recent) }
        topics.tell()
    }

    private func runs(for visibility: Visibility) -> [RunStatus] {
        let policy = gateway.policy.snapshot
        let flying = gateway.inFlight.all.filter { visibility.sees($0.principal.agent) }
        return Dictionary(grouping: flying) { $0.principal.run }
            .sorted { $0.key.text > $1.key.text }.prefix(Self.mostRuns)
            .map { run, calls in
                let agent = calls[0].principal.agent
                return RunStatus(
                    run: run, agent: agent, owner: policy.agents[agent]?.owner,
                    purpose: calls[0].principal.purpose ?? policy.agents[agent]?.purpose,
                    calls: calls.count, halt: gateway.halt(of: calls[0].principal))
            }
    }

    /// Returns nil if they cannot be read.
    private func openAlarms(since time: Timestamp, for visibility: Visibility) async -> AlertSlice?
    {
        guard let alarms else { return AlertSlice(alarms: [], count: 0) }
        return try? await alarms.store.alarms(
            since: time, AlertFilter(isDisposed: false),
            of: visibility.seesAll ? nil : visibility.own,
            from: 0, most: Self.mostAlarms)
    }

    private var log: LogStatus {
        let status = gateway.ledger.status
        return LogStatus(
            size: status.size, root: status.root, refusing: status.refusing,
            witnesses: gateway.ports.witnessLags?.map {
                LogStatus.LatestCosignature(name: $0.witness, secondsAgo: $0.seconds)
            })
    }
}

extension StatusService: StatusQueries {
    package var halts: [HaltOrder] { gateway.halts.newestFirst }
    package var isPolicyUnsigned: Bool { gateway.policy.isFounding }

    package func now(for visibility: Visibility) async -> GatewayStatus {
        let now = gateway.clock.now
        let open = await openAlarms(since: now.wall - AlertFilter.longestAge, for: visibility)
        let faults = gateway.unsound
        return GatewayStatus(
            at: now.wall, runs: runs(for: visibility), openRuns: gateway.runs.openCount,
            callsInFlight: gateway.inFlight.count, pending: approvals.pendingCount,
            halts: halts, alarms: open?.alarms, unreadAlarms: open?.unread ?? 0,
            hour: hour.withLock { $0 }, log: log,
            faults: faults.map(\.description)
                + gateway.monitors.heartbeats.stuck(at: now.boot),
            checks: gateway.healthChecks(
                faults,
                HealthSources(
                    drills: drills?.status, channels: await alerts?.statuses() ?? [])))
    }

    package func changes() -> AsyncStream<Void> { topics.changes() }
}

/// The values that are compared to detect a change. The log's size suffices for decisions and actions, as each is
/// recorded.
private struct ChangeToken: Equatable {
    let records: UInt64
    let callsInFlight: Int
    let faults: [UnreadyComponent]

    init(_ gateway: Gateway) {
        records = gateway.ledger.status.size
        callsInFlight = gateway.inFlight.count
        faults = gateway.unsound
    }
}

/// The status of the gateway for pages, read from memory except for alerts.
package protocol StatusQueries: Sendable {
    func now(for visibility: Visibility) async -> GatewayStatus

    /// The halts in force, newest first; every signed-in person sees them.
    var halts: [HaltOrder] { get }

    /// True if the policy in force was never signed off; every signed-in person sees that.
    var isPolicyUnsigned: Bool { get }

    /// Returns a stream with one element within half a second of a change of what `now` returns; several changes may be
    /// merged into one. It ends with the process. The caller must drop it when it is no longer needed.
    func changes() -> AsyncStream<Void>
}
