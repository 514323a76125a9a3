package import InterlockLimits
package import InterlockModel
import Synchronization

/// The circuit breakers of runs and of servers, in memory; a start restores them from the log.
///
/// INVARIANT: no setting turns a breaker off. Kept by `test_breakers.py`.
package final class CircuitBreakerService: Sendable {
    package struct UpstreamKey: Hashable, Sendable {
        package let server: ServerName
        /// The tool, or nil for the server as a whole.
        package let tool: ToolAddress?
    }
    /// A server's breaker that has opened or closed.
    struct UpstreamChange: Sendable {
        let key: UpstreamKey
        let change: UpstreamBreaker.Change
    }

    private let runs: Mutex<AgentBreakers>
    private let upstreams = Mutex<[UpstreamKey: UpstreamBreaker]>([:])
    let settings: UpstreamBreakerSettings
    let poll: [ToolAddress: Int]

    package init(
        agents: AgentBreakerSettings = AgentBreakerSettings(),
        upstreams: UpstreamBreakerSettings = UpstreamBreakerSettings()
    ) {
        runs = Mutex(AgentBreakers(agents))
        settings = upstreams
        poll = agents.poll
    }

    package func withRuns<Result: Sendable>(_ body: (inout AgentBreakers) -> Result) -> Result {
        runs.withLock { body(&$0) }
    }

    package func isPaused(_ run: RunID) -> Bool { withRuns { $0.isPaused(run) } }

    /// The reason for which a run is throttled or paused, in words; nil if it is not.
    func reason(of run: RunID) -> String? {
        withRuns { $0.reason(of: run) }.map { reason in
            reason == "person"
                ? "a person paused it" : AgentSignal(rawValue: reason)?.meaning ?? reason
        }
    }

    /// The runs that are throttled or paused, unordered.
    package var held: [HeldRun] { withRuns { $0.held } }

    /// Restores runs that the log holds from before this process.
    package func recall(_ held: [HeldRun], at now: BootTime) {
        withRuns { runs in for run in held { runs.recall(run, at: now) } }
    }

    // MARK: Servers

    /// Returns the time for which nothing may be sent to this tool, or nil if it may.
    func refusal(of address: ToolAddress, at now: BootTime) -> Duration? {
        upstreams.withLock { table in
            guard !table.isEmpty else { return nil }
            return keys(of: address).compactMap { table[$0]?.refusal(at: now) }.max()
        }
    }

    /// Decides whether a call that is about to be sent may proceed, is a trial, or is refused.
    ///
    /// - Parameter hasRead: whether agents can use a read-only tool of this server that could be the trial instead.
    func admit(
        _ address: ToolAddress, isRead: Bool, hasRead: () -> Bool, at now: BootTime
    ) -> UpstreamBreaker.Verdict {
        upstreams.withLock { table in
            guard !table.isEmpty else { return .free }
            var tried: [UpstreamKey] = []
            for key in keys(of: address) {
                guard var breaker = table[key], breaker.state != .closed else { continue }
                let verdict = breaker.admit(isRead: isRead, hasRead: hasRead(), at: now, settings)
                table[key] = breaker
                switch verdict {
                case .free: continue
                case .trial: tried.append(key)
                case .refused:
                    for other in tried { table[other]?.dropTrial() }
                    return verdict
                }
            }
            return tried.isEmpty ? .free : .trial
        }
    }

    /// Records the end of an admitted call. Servers that never failed have no entry.
    ///
    /// - Parameter failed: nil if the end says nothing about the server.
    func end(
        _ address: ToolAddress, failed: Bool?, wasTrial: Bool, isRead: Bool, at now: BootTime
    ) -> [UpstreamChange] {
        upstreams.withLock { table in
            guard failed == true || !table.isEmpty else { return [] }
            var changes: [UpstreamChange] = []
            for key in keys(of: address) {
                guard failed == true || table[key] != nil else { continue }
                var breaker = table[key] ?? UpstreamBreaker(settings)
                defer { table[key] = breaker }
                guard let failed else {
                    if wasTrial { breaker.dropTrial() }
                    continue
                }
                if let change = breaker.end(
                    failed: failed, wasTrial: wasTrial && breaker.state == .halfOpen,
                    isRead: isRead, at: now, settings)
                {
                    changes.append(UpstreamChange(key: key, change: change))
                }
            }
            return changes
        }
    }

    /// Permits one trial now, by a person's decision.
    ///
    /// - Returns: false if the breaker is not open.
    func halfClose(_ key: UpstreamKey) -> Bool {
        upstreams.withLock { $0[key]?.halfClose() ?? false }
    }

    /// Restores a breaker that the log holds from before this process.
    package func recall(
        open server: ServerName, _ tool: ToolAddress?, until: BootTime, at now: BootTime
    ) {
        let key = UpstreamKey(server: server, tool: tool)
        upstreams.withLock { table in
            var breaker = UpstreamBreaker(settings)
            breaker.recall(open: until, at: now)
            table[key] = breaker
        }
    }

    /// The breakers that are not closed, unordered.
    package var status: [(key: UpstreamKey, state: UpstreamBreaker.State)] {
        upstreams.withLock { table in
            table.filter { $0.value.state != .closed }.map { ($0.key, $0.value.state) }
        }
    }

    private func keys(of address: ToolAddress) -> [UpstreamKey] {
        [
            UpstreamKey(server: address.server, tool: nil),
            UpstreamKey(server: address.server, tool: address),
        ]
    }
}
