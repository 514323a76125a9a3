import InterlockLedger
import InterlockModel

/// The runs with a hook, and the agents whose hosts have one. Bounded: of the agent with the most runs, the one without an
/// event for the longest time is forgotten first, and is known in part alone if it sends events again. So no agent makes
/// room by the runs of others.
struct HookedRuns: Sendable {
    /// The most runs and the most agents.
    static let (most, mostAgents) = (1024, 20_000)

    private(set) var runs: [RunID: HookedRun] = [:]
    private var hosts: [AgentName: HostActivity] = [:]
    /// Runs that began before this time, in milliseconds since 1970, may have sent events that are not remembered.
    private var wholeSince: Int64

    /// - Parameter start: the time since which all events come here.
    init(since start: Timestamp) { wholeSince = start.milliseconds }

    /// Changes the state of a run, which is made for its first event.
    ///
    /// - Parameter isBegin: false if other events of the same session may have come as those of an earlier run.
    mutating func change<Result>(
        _ run: RunContext, at now: BootTime, isBegin: Bool, _ body: (inout HookedRun) -> Result
    ) -> Result {
        if runs[run.run] == nil, runs.count >= Self.most { forgetOldest() }
        let isWhole = isBegin && run.run.milliseconds >= wholeSince
        // Nothing of the run is copied.
        return body(&runs[run.run, default: HookedRun(run, isWhole: isWhole, at: now)])
    }

    /// Changes the state of a run that has sent an event.
    mutating func change<Result>(_ run: RunID, _ body: (inout HookedRun) -> Result) -> Result? {
        guard let place = runs.index(forKey: run) else { return nil }
        return body(&runs.values[place])
    }

    mutating func noteEvent(of agent: AgentName, at now: BootTime) {
        if hosts[agent] == nil, hosts.count >= Self.mostAgents { return }
        hosts[agent, default: HostActivity(at: now)].noteEvent(at: now)
    }

    /// - Returns: true if the agent's host is unmanaged.
    mutating func noteCall(of agent: AgentName, at now: BootTime) -> Bool {
        hosts[agent]?.noteCall(at: now) ?? false
    }

    /// Returns the calls whose event did not come in time, and the runs whose order to end is not in force after
    /// `patience`.
    mutating func due(
        at now: BootTime, retryAfter patience: Duration
    ) -> (
        findings: [(run: RunContext, finding: HookFinding)],
        unended: [(run: RunContext, order: HookedRun.EndOrder)]
    ) {
        var findings: [(run: RunContext, finding: HookFinding)] = []
        var unended: [(run: RunContext, order: HookedRun.EndOrder)] = []
        for run in Array(runs.keys) {
            guard let context = runs[run]?.context else { continue }
            findings += runs[run]?.overdue(at: now).map { (context, $0) } ?? []
            if let order = runs[run]?.ordered, now - order.at >= patience {
                unended.append((context, order))
            }
        }
        return (findings, unended)
    }

    /// Forgets a run that is over.
    mutating func remove(_ run: RunID) { runs[run] = nil }

    private mutating func forgetOldest() {
        let counts = Dictionary(grouping: runs.values, by: \.context.agent).mapValues(\.count)
        guard let busiest = counts.max(by: { $0.value < $1.value })?.key,
            let oldest = runs.filter({ $0.value.context.agent == busiest })
                .min(by: { $0.value.lastEvent < $1.value.lastEvent })
        else { return }
        runs[oldest.key] = nil
        wholeSince = max(wholeSince, oldest.key.milliseconds + 1)
    }
}
