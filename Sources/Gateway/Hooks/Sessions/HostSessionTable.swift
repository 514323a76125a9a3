import InterlockLedger
import InterlockLimits
import InterlockModel

/// The sessions of hosts whose runs have not ended. A session is open until its host ends it or it is silent for too long;
/// its run ends once none of its events is being answered, and leaves the table once that is on record.
///
/// open -> closing -> recording -> removed, or back to closing if the log refuses the end
struct HostSessionTable {
    /// The most runs of one agent.
    static let most = 256
    /// The time without an event after which a session is over.
    static let idle = Duration.seconds(2 * 3_600)
    /// The longest time of one session, below the life of its token.
    static let longest = Duration.seconds(30 * 86_400)

    /// The time in which events of an agent that cannot be read, and belong to no session, are reported once.
    static let unattributedWindow = Duration.seconds(3_600)

    /// The cause of a run's end, as `run.end` names it.
    enum End: String {
        /// Its host ended the session.
        case ended
        /// No event came for `idle`, or the session is older than `longest`.
        case idle
        /// An earlier process of the gateway began it.
        case unknown
    }

    private enum State {
        case open(HostSession)
        case closing(End)
        case recording(End)
    }
    private struct Entry {
        let run: RunContext
        var state: State
        let begun: BootTime
        var lastEvent: BootTime
        /// The events that are being answered.
        var events = 0
    }

    private var entries: [RunID: Entry] = [:]
    private var open: [HostSession.Key: RunID] = [:]
    private var counts: [AgentName: Int] = [:]
    private var starts = AgentRateLimiter.sessions
    // Has one entry or none for each agent that `hooks.uid` of a policy named.
    private var unattributed: [AgentName: ReportWindow] = [:]

    var count: Int { entries.count }

    func has(_ key: HostSession.Key) -> Bool { open[key] != nil }

    /// Takes one event of a session, which `leave` must follow.
    ///
    /// - Parameter make: makes the session if none is open.
    /// - Returns: nil if the agent has too many, began too many in a short time, or `make` returns nil.
    mutating func enter(
        _ key: HostSession.Key, at now: BootTime, make: () -> HostSession?
    ) -> HostSession? {
        if let run = open[key], case .open(let session)? = entries[run]?.state {
            entries[run]?.lastEvent = now
            entries[run]?.events += 1
            return session
        }
        guard counts[key.agent, default: 0] < Self.most, starts.take(key.agent, at: now),
            let made = make()
        else { return nil }
        put(made.run, .open(made), at: now, events: 1)
        open[key] = made.run.run
        return made
    }

    /// Takes one event of each open session of an agent; `leave` must follow for each.
    mutating func enterAll(of agent: AgentName) -> [HostSession] {
        var entered: [HostSession] = []
        for (run, entry) in entries {
            guard case .open(let session) = entry.state, session.key.agent == agent else {
                continue
            }
            entries[run]?.events += 1
            entered.append(session)
        }
        return entered
    }

    /// Counts an event that cannot be read, of an agent without an open session.
    ///
    /// - Returns: true if it is the first of an hour, which is to be reported.
    mutating func noteUnattributed(_ agent: AgentName, at now: BootTime) -> Bool {
        unattributed[agent, default: ReportWindow()]
            .take(at: now, window: Self.unattributedWindow)
    }

    /// Counts a session that `enter` refused; returns true if that is to be recorded.
    mutating func refuse(_ agent: AgentName, at now: BootTime) -> Bool {
        starts.refuse(agent, at: now)
    }

    /// Ends an event.
    ///
    /// - Parameters:
    ///   - isLast: true if the host ends the session with it.
    ///   - isOwn: false if the event names no session (`enterAll`): it keeps none open.
    mutating func leave(
        _ session: HostSession, at now: BootTime, isLast: Bool, isOwn: Bool = true
    ) {
        if isOwn { entries[session.run.run]?.lastEvent = now }
        entries[session.run.run]?.events -= 1
        if isLast { close(session, .ended) }
    }

    /// Removes a session whose run was never begun.
    mutating func drop(_ session: HostSession) {
        guard case .open? = entries[session.run.run]?.state else { return }
        open[session.key] = nil
        remove(session.run.run)
    }

    /// Adds a run of an earlier process, which gets no further event.
    mutating func add(earlier run: RunContext, at now: BootTime) {
        guard entries[run.run] == nil else { return }
        put(run, .closing(.unknown), at: now, events: 0)
    }

    /// Closes what was silent for too long, and returns the runs whose end is to be recorded now. `settle` must follow for
    /// each.
    ///
    /// - Parameter only: the only run to end; nil for all.
    mutating func takeEnds(
        at now: BootTime, only run: RunID? = nil
    ) -> [(run: RunContext, end: End)] {
        if let run { return takeEnd(of: run).map { [$0] } ?? [] }
        for entry in entries.values where entry.events == 0 {
            guard case .open(let session) = entry.state,
                now - entry.lastEvent > Self.idle || now - entry.begun > Self.longest
            else { continue }
            close(session, .idle)
        }
        return entries.keys.compactMap { takeEnd(of: $0) }
    }

    private mutating func takeEnd(of run: RunID) -> (run: RunContext, end: End)? {
        guard let entry = entries[run], entry.events == 0, case .closing(let end) = entry.state
        else { return nil }
        entries[run]?.state = .recording(end)
        return (entry.run, end)
    }

    /// - Parameter isRecorded: false if the end must be tried again.
    mutating func settle(_ run: RunID, isRecorded: Bool) {
        guard case .recording(let end)? = entries[run]?.state else { return }
        if isRecorded { remove(run) } else { entries[run]?.state = .closing(end) }
    }

    private mutating func close(_ session: HostSession, _ end: End) {
        guard case .open? = entries[session.run.run]?.state else { return }
        entries[session.run.run]?.state = .closing(end)
        open[session.key] = nil
    }

    private mutating func put(_ run: RunContext, _ state: State, at now: BootTime, events: Int) {
        entries[run.run] = Entry(run: run, state: state, begun: now, lastEvent: now, events: events)
        counts[run.agent, default: 0] += 1
    }

    private mutating func remove(_ run: RunID) {
        guard let gone = entries.removeValue(forKey: run) else { return }
        counts[gone.run.agent, default: 0] -= 1
        if counts[gone.run.agent] == 0 { counts[gone.run.agent] = nil }
    }
}
