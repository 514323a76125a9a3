import InterlockModel

/// The callers and connections of a pool. Events in, actions out; each happens at a reading of the boot clock.
///
/// INVARIANT: a connection has at most one caller at a time, callers get connections in the order in which they came, and
/// a connection that was lost is not used again. Kept by `PoolStateTests`.
struct PoolState {
    /// ```
    /// closed -> connecting -> idle <-> busy
    ///    ^          |          |        |
    ///    +----------+----------+--------+   ended: the pool is closed
    /// ```
    private enum Slot: Hashable {
        /// The next attempt to connect begins at the time.
        case closed(until: BootTime)
        case connecting
        case idle
        case busy
        case ended
    }

    enum Action: Hashable {
        case connect(slot: Int)
        /// The caller's call is sent, and its answer must come before `end`.
        case send(PoolCaller, slot: Int, end: BootTime)
        /// The caller gets an error; nothing was sent.
        case refuse(PoolCaller, PoolRefusal)
        /// The connection is closed, if there is one, and its thread ends.
        case end(slot: Int)
    }

    private struct Waiting {
        let caller: PoolCaller
        let since: BootTime
    }

    let settings: PoolSettings
    private var slots: [Slot]
    /// The idle connections, the one that was used the longest ago first: one that broke meanwhile is found by the regular
    /// heartbeat.
    private var idle: [Int] = []
    private var waiting: [Waiting] = []
    /// The number of `waiting` that were taken.
    private var taken = 0
    private var isClosed = false

    init(_ settings: PoolSettings) {
        self.settings = settings
        slots = Array(repeating: .ended, count: max(1, settings.connections))
    }

    var count: Int { slots.count }

    /// True once the pool is closed and no connection is left.
    var isOver: Bool { isClosed && slots.allSatisfy { $0 == .ended } }

    /// The time at which `tick` has something to do; nil if it has not.
    var next: BootTime? {
        var times = slots.compactMap { if case .closed(let time) = $0 { time } else { nil } }
        if taken < waiting.count { times.append(waiting[taken].since + settings.wait) }
        return times.min()
    }

    /// Makes all connections.
    mutating func start() -> [Action] {
        for slot in slots.indices { slots[slot] = .connecting }
        return slots.indices.map { .connect(slot: $0) }
    }

    /// A caller came.
    mutating func call(_ caller: PoolCaller, at now: BootTime) -> [Action] {
        guard !isClosed else { return [.refuse(caller, .closed)] }
        let actions = expire(at: now)
        guard waiting.count - taken < settings.waiting || !idle.isEmpty else {
            return actions + [.refuse(caller, .full)]
        }
        waiting.append(Waiting(caller: caller, since: now))
        return actions + dispatch()
    }

    /// A connection was made.
    mutating func connected(slot: Int, at now: BootTime) -> [Action] {
        guard slots[slot] == .connecting else { return [] }
        return free(slot, at: now)
    }

    /// There is no connection: it was not made, or its last call ended it.
    ///
    /// - Parameter pause: the time until the next attempt, at random so that nodes do not come together.
    mutating func lost(slot: Int, at now: BootTime, pause: Duration) -> [Action] {
        guard slots[slot] == .connecting || slots[slot] == .busy else { return [] }
        guard !isClosed else { return end(slot) }
        slots[slot] = .closed(until: now + min(max(pause, .zero), settings.jitter))
        return expire(at: now)
    }

    /// The call on a connection is over, and the connection can be used again.
    mutating func finished(slot: Int, at now: BootTime) -> [Action] {
        guard slots[slot] == .busy else { return [] }
        return free(slot, at: now)
    }

    /// Time has passed.
    mutating func tick(at now: BootTime) -> [Action] {
        var actions = expire(at: now)
        for (slot, state) in slots.enumerated() {
            guard case .closed(let time) = state, time <= now else { continue }
            slots[slot] = .connecting
            actions.append(.connect(slot: slot))
        }
        return actions
    }

    /// Refuses the callers that wait and all later ones. Calls in flight continue.
    mutating func close() -> [Action] {
        guard !isClosed else { return [] }
        isClosed = true
        var actions = waiting[taken...].map { Action.refuse($0.caller, .closed) }
        (waiting, taken, idle) = ([], 0, [])
        for (slot, state) in slots.enumerated() {
            switch state {
            case .closed, .idle: actions += end(slot)
            case .connecting, .busy, .ended: break
            }
        }
        return actions
    }

    private mutating func free(_ slot: Int, at now: BootTime) -> [Action] {
        guard !isClosed else { return end(slot) }
        slots[slot] = .idle
        idle.append(slot)
        return expire(at: now) + dispatch()
    }

    private mutating func end(_ slot: Int) -> [Action] {
        slots[slot] = .ended
        return [.end(slot: slot)]
    }

    /// Gives idle connections to those who wait.
    private mutating func dispatch() -> [Action] {
        var actions: [Action] = []
        while let slot = idle.first, let first = takeFirst() {
            idle.removeFirst()
            slots[slot] = .busy
            actions.append(
                .send(first.caller, slot: slot, end: first.since + settings.deadline))
        }
        return actions
    }

    /// Refuses those who have waited too long, the first of them first.
    private mutating func expire(at now: BootTime) -> [Action] {
        var actions: [Action] = []
        while taken < waiting.count, waiting[taken].since + settings.wait <= now,
            let late = takeFirst()
        {
            actions.append(.refuse(late.caller, .late))
        }
        return actions
    }

    private mutating func takeFirst() -> Waiting? {
        guard taken < waiting.count else { return nil }
        let first = waiting[taken]
        taken += 1
        if taken == waiting.count || taken > 1024 {
            waiting.removeFirst(taken)
            taken = 0
        }
        return first
    }
}
