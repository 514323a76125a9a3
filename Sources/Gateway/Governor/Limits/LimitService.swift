package import InterlockLimits
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts
import Synchronization

/// Counts the units of limits that agents take: before a call is sent all its units are reserved, or none; when it ends
/// they are used, or returned if it certainly was not executed. Memory is authoritative and the log its history: a
/// start counts from the log before it serves anything.
package final class LimitService: LimitUnits {
    struct State {
        var table = LimitTable()
        var parked = ParkedReservations()
    }

    let state = Mutex(State())
    private let clock: any Clock
    private let time: LimitClock

    private let logReader: (any LimitLogReader)?
    private let bootID: String

    /// - Parameters:
    ///   - bootID: the identifier of the boot that the clock counts from, as in records.
    ///   - log: the use according to the log, or nil for an empty log.
    ///   - trail: reads the log, or is nil if there is no log to read.
    package init(
        clock: any Clock, bootID: String = "", log: LimitLog? = nil,
        logReader: (any LimitLogReader)? = nil
    ) {
        self.clock = clock
        self.bootID = bootID
        self.logReader = logReader
        let now = RecordTime(clock.now, bootID)
        time = LimitClock(now, after: log?.timeline)
        guard var log else { return }
        log.advance(to: now)
        log.endOpen()
        let table = log.table
        state.withLock { $0.table = table }
    }

    var now: Timestamp { time.time(clock.boot) }

    /// Returns the units that count against these limits, by the names that decisions use.
    ///
    /// - Parameters:
    ///   - own: the call's own reservation, which does not count against it.
    ///   - question: the key of the call, whose pending request may hold a reservation.
    func counters(
        _ uses: [LimitUse], of agent: AgentName, beside own: LimitReservation? = nil,
        question: () -> LimitQuestion? = { nil }
    ) -> [String: Int64] {
        guard !uses.isEmpty else { return [:] }
        let now = now
        let asked = hasParked ? question() : nil
        return state.withLock { state in
            let own = own ?? asked.flatMap { state.parked[$0] }
            var counters: [String: Int64] = [:]
            for use in uses {
                let taken = state.table.taken(LimitDemand(use), of: agent, at: now)
                let mine = own?.demands.first { $0.limit == use.key && $0.seconds == use.seconds }
                counters[use.name] = taken == .max ? .max : taken - (mine?.amount ?? 0)
            }
            return counters
        }
    }

    /// Reserves the units of a call in memory: never suspends and never fails.
    package func hold(_ call: LimitedCall) async throws(LimitUnitsFailure) -> LimitHold {
        take(call.demands, of: call.agent, for: call.question)
    }

    package func holdAtHand(_ call: LimitedCall) -> LimitHold? {
        take(call.demands, of: call.agent, for: call.question)
    }

    /// Always possible: the units count from `hold` on.
    package func send(_ held: LimitReservation) throws(LimitUnitsFailure) {}

    func take(
        _ demands: [LimitDemand], of agent: AgentName, for question: LimitQuestion?
    ) -> LimitHold {
        let now = now
        return state.withLock { state in
            if let question, let parked = state.parked.remove(question) {
                if parked.covers(demands) { return .held(parked) }
                if parked.end() { state.table.giveBack(parked.demands, of: agent) }
            }
            do throws(LimitExceeded) {
                try state.table.hold(demands, of: agent, at: now)
            } catch { return .exceeded(error) }
            return .held(LimitReservation(agent, demands))
        }
    }

    package func giveBack(_ held: LimitReservation) {
        guard held.end() else { return }
        state.withLock { $0.table.giveBack(held.demands, of: held.agent) }
    }

    package func use(_ held: LimitReservation, since: BootTime) {
        guard held.end() else { return }
        let sent = time.time(since)
        state.withLock { $0.table.use(held.demands, of: held.agent, at: sent) }
    }

    package func park(
        _ held: LimitReservation, for request: ApprovalID, _ question: LimitQuestion
    ) {
        let old = state.withLock { $0.parked.park(held, for: request, question) }
        if let old { giveBack(old) }
    }

    /// Returns the reservations of requests that have ended. Called every second.
    func giveBackParked(_ isOver: (ApprovalID) -> Bool) {
        guard hasParked else { return }
        for held in state.withLock({ $0.parked.removeEnded(isOver) }) { giveBack(held) }
    }

    /// Prepares for another policy: limits with windows that the old policy does not have admit nothing until `learn`
    /// has counted them from the log.
    package func expect(_ new: PolicySnapshot, after old: PolicySnapshot) {
        for agent in new.agents.keys {
            let added = new.limitWindows(of: agent).subtracting(old.limitWindows(of: agent))
            guard !added.isEmpty, logReader != nil else { continue }
            state.withLock { $0.table.forget(added, of: agent) }
        }
    }

    /// Counts the unknown windows from the log. If the log cannot be read, they stay unknown and admit nothing.
    package func learn(under policy: PolicySnapshot, after old: PolicySnapshot)
        async throws(StoreFailure)
    {
        guard let logReader, state.withLock({ $0.table.hasUnknown }) else { return }
        var log = try await logReader.status(under: LimitMap(policy)).limits
        log.advance(to: RecordTime(clock.now, bootID))
        log.endOpen()
        let table = log.table
        state.withLock { $0.table.learn(from: table) }
    }

    /// Returns the used and reserved units of each limit.
    package func status(_ uses: [LimitUse], of agent: AgentName) -> [(
        use: LimitUse, taken: Int64
    )] {
        let now = now
        return state.withLock { state in
            uses.map { ($0, state.table.taken(LimitDemand($0), of: agent, at: now)) }
        }
    }

    /// Returns the milliseconds until a retry may succeed, at least 1,000, or nil if time alone frees too little.
    func wait(for exceeded: LimitExceeded) -> Int? {
        exceeded.free.map { Int(clamping: max(1_000, ($0 - now).microseconds / 1_000)) }
    }

    /// Returns the same for a limit that a decision found exceeded.
    func wait(for reservation: Reservation, of agent: AgentName, percent: Int64) -> Int? {
        let demand = LimitDemand(reservation, percent: percent)
        let now = now
        let free = state.withLock { $0.table.room(for: demand, of: agent, at: now) }
        return free.map { Int(clamping: max(1_000, ($0 - now).microseconds / 1_000)) }
    }

    /// True if limits of the policy in force admit nothing, because they are not counted yet.
    package var isUncounted: Bool { state.withLock { $0.table.hasUnknown } }

    private var hasParked: Bool { state.withLock { !$0.parked.isEmpty } }
}

extension RecordTime {
    package init(_ moment: ClockReading, _ bootID: String) {
        self.init(wall: moment.wall, boot: moment.boot, bootID: bootID)
    }
}

extension LimitDemand {
    init(_ use: LimitUse, amount: Int64 = 0) {
        self.init(limit: use.key, seconds: use.seconds, amount: amount, most: use.stated)
    }

    init(_ reservation: Reservation, percent: Int64) {
        self.init(
            limit: reservation.use.key, seconds: reservation.use.seconds,
            amount: reservation.amount, most: reservation.use.most(percent))
    }
}

/// The clock of limit windows: it continues the timeline of the log and advances with the time since boot. Setting the
/// wall clock forward or back therefore frees no units while the program runs (docs/specs/limits-and-monitoring.md,
/// section 3).
struct LimitClock: Sendable {
    private let start: Timestamp
    private let boot: BootTime

    init(_ now: RecordTime, after timeline: LimitTimeline?) {
        start = timeline?.advanced(to: now).time ?? now.wall
        boot = now.boot
    }

    func time(_ now: BootTime) -> Timestamp { start + (now - boot) }
}
