import Synchronization

/// The open connections of one listener: their number, and the connections of each loop.
final class ConnectionRegistry: Sendable {
    private struct State {
        var count = 0
        var draining = false
        var byLoop: [ObjectIdentifier: [ObjectIdentifier: Connection]] = [:]
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())
    private let draining = Atomic<Bool>(false)
    private let handshakes = Atomic<Int>(0)
    let limits: ServerLimits
    let bodies: BodyBudget

    init(limits: ServerLimits) {
        self.limits = limits
        bodies = BodyBudget(
            limit: limits.bodyBytes, limitOfSource: limits.bodyBytesOfSource)
    }

    var count: Int { state.withLock { $0.count } }
    /// Read once per response.
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// True if at most an eighth of the places is left.
    var isShort: Bool { count >= limits.connections - limits.connections / 8 }

    /// Takes a place; returns false if all are taken or the server drains.
    func enter() -> Bool {
        state.withLock { state in
            guard !state.draining, state.count < limits.connections else { return false }
            state.count += 1
            return true
        }
    }

    /// Takes one of the places for handshakes; returns false if all are taken.
    func enterHandshake() -> Bool {
        guard handshakes.wrappingAdd(1, ordering: .relaxed).newValue > limits.handshakes else {
            return true
        }
        leaveHandshake()
        return false
    }

    func leaveHandshake() { handshakes.subtract(1, ordering: .relaxed) }

    /// Releases a place.
    func leave() {
        let waiters = state.withLock { state in
            state.count -= 1
            guard state.count == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func add(_ connection: Connection, on loop: EventLoop) {
        state.withLock {
            $0.byLoop[ObjectIdentifier(loop), default: [:]][ObjectIdentifier(connection)] =
                connection
        }
    }

    func remove(_ connection: Connection, on loop: EventLoop) {
        state.withLock { $0.byLoop[ObjectIdentifier(loop)]?[ObjectIdentifier(connection)] = nil }
        leave()
    }

    func beginDrain() {
        state.withLock { $0.draining = true }
        draining.store(true, ordering: .relaxed)
    }

    /// Closes all connections without a request.
    func closeIdle(on loop: EventLoop) {
        for connection in connections(of: loop) { connection.closeIfIdle(for: nil) }
    }

    /// Closes the connections that have been idle, or have been sending a body, for at least `time`.
    func makeRoom(on loop: EventLoop, after time: Duration) {
        for connection in connections(of: loop) {
            connection.closeIfIdle(for: time)
            connection.closeIfSlow(for: time)
        }
    }

    func cutAll(on loop: EventLoop) {
        for connection in connections(of: loop) { connection.close() }
    }

    func waitUntilEmpty() async {
        await withCheckedContinuation { continuation in
            let empty = state.withLock { state in
                if state.count > 0 { state.waiters.append(continuation) }
                return state.count == 0
            }
            if empty { continuation.resume() }
        }
    }

    func connections(of loop: EventLoop) -> [Connection] {
        state.withLock { Array(($0.byLoop[ObjectIdentifier(loop)] ?? [:]).values) }
    }
}

extension ConnectionRegistry {
    /// Closes connections to admit one more, if the places are shared. Must be called on the loop of all connections.
    ///
    /// - Returns: false if there is no free place and none can be freed.
    func makePlace(on loop: EventLoop) -> Bool {
        let open = connections(of: loop)
        let shares = PlaceShares(connections: limits.connections)
        guard open.count >= shares.connections - shares.reserve else { return true }
        let candidates = open.map { one in
            PlaceShares.Candidate(claim: one.claim, isIdle: one.phase != .handling)
        }
        guard let leaving = shares.leaving(candidates) else { return false }
        for index in leaving { open[index].close() }
        return true
    }
}
