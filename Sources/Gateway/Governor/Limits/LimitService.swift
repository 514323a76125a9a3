package import InterlockLimits
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts
import Synchronization

/// Counts what agents have taken of their limits: before a call is sent its units are set aside, all of them or none;
/// when it ends they are used, or come back where surely nothing was done. Memory is the truth and the log its history:
/// a start counts from it before anything is served.
package final class LimitService: Sendable {
    private struct State {
        var table = LimitTable()
        /// Of calls that ended while their request waits for people.
        var parked: [LimitQuestion: Parked] = [:]
    }
    private struct Parked {
        let request: ApprovalID
        let held: LimitReservation
    }

    private let state = Mutex(State())
    private let clock: any Clock
    private let time: LimitClock

    private let trail: (any LimitLogReader)?
    private let bootID: String

    /// - Parameters:
    ///   - bootID: names the boot that the clock counts from, as records do.
    ///   - log: what the log has up to now; nil for an empty one.
    ///   - trail: nil where there is no log to learn from.
    package init(
        clock: any Clock, bootID: String = "", log: LimitLog? = nil,
        trail: (any LimitLogReader)? = nil
    ) {
        self.clock = clock
        self.bootID = bootID
        self.trail = trail
        let now = RecordTime(clock.now, bootID)
        time = LimitClock(now, after: log?.timeline)
        guard var log else { return }
        log.advance(to: now)
        log.endOpen()
        let table = log.table
        state.withLock { $0.table = table }
    }

    private var now: Timestamp { time.time(clock.boot) }

    /// What counts against these limits, by the names that decisions know.
    ///
    /// - Parameters:
    ///   - own: of the call itself, which is not in its own way.
    ///   - question: whose request may wait for people with units of its own.
    func counters(
        _ uses: [LimitUse], of agent: AgentName, beside own: LimitReservation? = nil,
        question: () -> LimitQuestion? = { nil }
    ) -> [String: Int64] {
        guard !uses.isEmpty else { return [:] }
        let now = now
        let asked = hasParked ? question() : nil
        return state.withLock { state in
            let own = own ?? asked.flatMap { state.parked[$0]?.held }
            var counters: [String: Int64] = [:]
            for use in uses {
                let taken = state.table.taken(LimitDemand(use), of: agent, at: now)
                let mine = own?.demands.first { $0.limit == use.key && $0.seconds == use.seconds }
                counters[use.name] = taken == .max ? .max : taken - (mine?.amount ?? 0)
            }
            return counters
        }
    }

    /// Sets aside what a call takes; what its request has set aside already goes over to it.
    ///
    /// - Throws: the first limit that has no room.
    func hold(
        _ reservations: [Reservation], of agent: AgentName, percent: Int64,
        question: LimitQuestion?
    ) throws(LimitExceeded) -> LimitReservation {
        let demands = reservations.map { LimitDemand($0, percent: percent) }
        let now = now
        return try state.withLock { state throws(LimitExceeded) in
            if let question, let parked = state.parked.removeValue(forKey: question) {
                if parked.held.demands.map(\.key) == demands.map(\.key) { return parked.held }
                if parked.held.end() { state.table.giveBack(parked.held.demands, of: agent) }
            }
            try state.table.hold(demands, of: agent, at: now)
            return LimitReservation(agent, demands)
        }
    }

    /// Surely nothing was done.
    func giveBack(_ held: LimitReservation) {
        guard held.end() else { return }
        state.withLock { $0.table.giveBack(held.demands, of: held.agent) }
    }

    /// It was done, or may have been, so long ago.
    func use(_ held: LimitReservation, since: BootTime) {
        guard held.end() else { return }
        let sent = time.time(since)
        state.withLock { $0.table.use(held.demands, of: held.agent, at: sent) }
    }

    /// The call has ended and its request goes on waiting, with what was set aside.
    func park(_ held: LimitReservation, for request: ApprovalID, _ question: LimitQuestion) {
        let old = state.withLock { state in
            defer { state.parked[question] = Parked(request: request, held: held) }
            return state.parked[question]?.held
        }
        if let old, old !== held { giveBack(old) }
    }

    /// Requests that have ended give back what they had. Called every second.
    func giveBackParked(_ isOver: (ApprovalID) -> Bool) {
        guard hasParked else { return }
        let over = state.withLock { state in
            let over = state.parked.filter { isOver($0.value.request) }
            for question in over.keys { state.parked[question] = nil }
            return over.values.map(\.held)
        }
        for held in over { giveBack(held) }
    }

    /// Before another policy is in force: limits that it counts in windows which the old one does not have let nothing
    /// through until they were counted from the log.
    package func expect(_ new: PolicySnapshot, after old: PolicySnapshot) {
        for agent in new.agents.keys {
            let added = new.limitWindows(of: agent).subtracting(old.limitWindows(of: agent))
            guard !added.isEmpty, trail != nil else { continue }
            state.withLock { $0.table.forget(added, of: agent) }
        }
    }

    /// Counts them. What cannot be read stays as it is, so nothing is let through.
    package func learn(under policy: PolicySnapshot, after old: PolicySnapshot)
        async throws(StoreFailure)
    {
        guard let trail, state.withLock({ $0.table.hasUnknown }) else { return }
        var log = try await trail.standing(under: LimitMap(policy)).limits
        log.advance(to: RecordTime(clock.now, bootID))
        log.endOpen()
        let table = log.table
        state.withLock { $0.table.learn(from: table) }
    }

    /// How much there is of each limit.
    package func standing(_ uses: [LimitUse], of agent: AgentName) -> [(
        use: LimitUse, taken: Int64
    )] {
        let now = now
        return state.withLock { state in
            uses.map { ($0, state.table.taken(LimitDemand($0), of: agent, at: now)) }
        }
    }

    /// Until there is room for it, in milliseconds: at least 1,000; nil when time alone makes none.
    func wait(for exceeded: LimitExceeded) -> Int? {
        exceeded.free.map { Int(clamping: max(1_000, ($0 - now).microseconds / 1_000)) }
    }

    /// The same of a limit that a decision found full.
    func wait(for reservation: Reservation, of agent: AgentName, percent: Int64) -> Int? {
        let demand = LimitDemand(reservation, percent: percent)
        let now = now
        let free = state.withLock { $0.table.room(for: demand, of: agent, at: now) }
        return free.map { Int(clamping: max(1_000, ($0 - now).microseconds / 1_000)) }
    }

    /// Whether limits of the policy in force let nothing through, since they are not counted yet.
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

    /// What has to be the same for units to go over from one call to another.
    fileprivate var key: LimitDemand {
        LimitDemand(limit: limit, seconds: seconds, amount: amount, most: 0)
    }
}
