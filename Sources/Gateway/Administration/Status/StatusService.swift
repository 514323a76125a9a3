import InterlockAlerts
package import InterlockEvidence
package import InterlockGovernor
package import InterlockModel
package import InterlockNotification
import InterlockPolicy
import InterlockPolicyReview
import InterlockPorts
import Synchronization

/// Builds the gateway's status from its components, and notifies listeners of changes.
package final class StatusService: Sendable {
    let gateway: Gateway
    private let approvals: ApprovalService
    private let alarms: AlertDispositionService?
    let sources: HealthSources
    let runner: HealthCheckRunner
    let indexLag: IndexLagMonitor
    private let hour: Mutex<LastHour>
    private let earlierSteps: EarlierSteps
    private let topics = ChangeNotifier<Void>()
    private let told = Mutex<ChangeToken?>(nil)

    private static let mostAlarms = 20
    private static let mostRuns = 200

    /// - Parameters:
    ///   - alarms: nil if alerts are not stored.
    package init(
        gateway: Gateway, approvals: ApprovalService, alarms: AlertDispositionService?,
        sources: HealthSources = HealthSources()
    ) {
        self.gateway = gateway
        let start = gateway.clock.now
        hour = Mutex(LastHour(at: start))
        self.approvals = approvals
        self.alarms = alarms
        self.sources = sources
        let steps = EarlierSteps(start: start.boot)
        earlierSteps = steps
        let lag = IndexLagMonitor()
        indexLag = lag
        runner = HealthCheckRunner { part in
            // Only the check that needs it waits for the channels.
            gateway.healthFinding(
                part,
                HealthFacts(
                    drills: part == .killSwitch ? sources.drills?.status : nil,
                    channels: part == .notifications
                        ? await sources.alerts?.statuses() ?? [] : [],
                    earlierSteps: steps.all, missingInIndex: lag.missing,
                    isSignedAlone: sources.policies?.status.isSignedAlone ?? false,
                    reloadRefusal: sources.policies?.last?.refusal))
        }
    }

    /// Counts calls, starts the checks that are due, and notifies listeners if the status has changed. Called twice a
    /// second.
    package func sweep() {
        let now = gateway.clock.now
        runner.run(at: now.boot)
        indexLag.look(
            size: gateway.ledger.status.size, indexed: gateway.index.status.size, at: now.boot)
        let mark = ChangeToken(gateway, runner.checks(at: now.boot))
        let times = DurationCounts(gateway.figures.stageTimes[.execute])
        // Read before `allowed`, which is counted first: no approved call is counted that is not allowed.
        let approved = gateway.counters.approved.value
        hour.withLock {
            $0.note(
                allowed: gateway.counters.allowed.value, denied: gateway.counters.denied.value,
                approved: approved, times: times, at: now)
        }
        let isNews = told.withLock { told in
            defer { told = mark }
            return told != mark
        }
        if isNews { topics.tell() }
    }

    /// Puts the calls and halts of before the start of this process into the last hour.
    package func refill(_ recent: RecentCalls) {
        hour.withLock { $0.refill(recent) }
        sources.halts?.refill(recent.orders)
        earlierSteps.refill(recent)
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
    package var checks: [HealthCheck] { runner.checks(at: gateway.clock.now.boot) }

    package func now(for visibility: Visibility) async -> GatewayStatus {
        let now = gateway.clock.now
        let open = await openAlarms(since: now.wall - AlertFilter.longestAge, for: visibility)
        let faults = gateway.unsound
        let hour = hour.withLock { $0 }
        let first = hour.minutes.first?.start ?? now.wall
        return GatewayStatus(
            at: now.wall, runs: runs(for: visibility), openRuns: gateway.runs.openCount,
            callsInFlight: gateway.inFlight.count, pending: approvals.pendingCount,
            halts: halts, alarms: open?.alarms, unreadAlarms: open?.unread ?? 0,
            hour: hour, haltSpans: sources.halts?.spans(since: first) ?? [], log: log,
            faults: faults.map(\.description)
                + gateway.monitors.heartbeats.stuck(at: now.boot),
            checks: checks)
    }

    package func changes() -> AsyncStream<Void> { topics.changes() }
}

/// The services whose facts the checks, weak points and charts are made of.
package struct HealthSources: Sendable {
    /// Is nil if there are none here.
    let drills: DrillService?
    /// Is nil if people are not notified.
    let alerts: NotificationService?
    /// Is nil if the policy does not change here.
    let policies: PolicyService?
    /// Is nil if nothing is watched for its end.
    let ends: EndMonitor?
    /// Is nil if nothing can be halted here.
    let halts: HaltService?

    package init(
        drills: DrillService? = nil, alerts: NotificationService? = nil,
        policies: PolicyService? = nil, ends: EndMonitor? = nil, halts: HaltService? = nil
    ) {
        self.drills = drills
        self.alerts = alerts
        self.policies = policies
        self.ends = ends
        self.halts = halts
    }
}

/// The steps of the wall clock in the hour before the start, once the log was read.
private final class EarlierSteps: Sendable {
    private let start: BootTime
    private let steps = Mutex<[ClockStepDetector.Step]>([])

    init(start: BootTime) { self.start = start }

    var all: [ClockStepDetector.Step] { steps.withLock { $0 } }

    func refill(_ recent: RecentCalls) {
        let found = recent.clockSteps.map {
            ClockStepDetector.Step(
                at: start + .microseconds(-$0.before.microseconds), distance: $0.distance)
        }
        steps.withLock { $0 = found }
    }
}

/// The values that are compared to detect a change. The log's size suffices for decisions and actions, as each is
/// recorded.
private struct ChangeToken: Equatable {
    let records: UInt64
    let callsInFlight: Int
    let faults: [UnreadyComponent]
    let states: [HealthCheck.State]

    init(_ gateway: Gateway, _ checks: [HealthCheck]) {
        states = checks.map(\.state)
        records = gateway.ledger.status.size
        callsInFlight = gateway.inFlight.count
        faults = gateway.unsound
    }
}

/// The status of the gateway for pages, read from memory except for alerts.
package protocol StatusQueries: Sendable {
    func now(for visibility: Visibility) async -> GatewayStatus

    /// The checks and weak points, as far as the person may see them. Waits for none of the parts.
    func health(for visibility: Visibility) async -> GatewayHealth

    /// The halts in force, newest first; every signed-in person sees them.
    var halts: [HaltOrder] { get }

    /// True if the policy in force was never signed off; every signed-in person sees that.
    var isPolicyUnsigned: Bool { get }

    /// The check of each part, as it counts now; every signed-in person sees them.
    var checks: [HealthCheck] { get }

    /// Returns a stream with one element within half a second of a change of what `now` returns; several changes may be
    /// merged into one. It ends with the process. The caller must drop it when it is no longer needed.
    func changes() -> AsyncStream<Void>
}
