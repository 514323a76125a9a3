package import InterlockJSON
package import InterlockModel

/// All sessions of the agent plane, in memory only: after a restart every session is unknown, and clients open new
/// ones. The caller must hold the lock.
package struct SessionTable: Sendable {
    package static let maximumPerOwner = 32
    package static let idleLimit = Duration.seconds(30 * 60)
    /// The maximum number of concurrent requests of one session.
    package static let maximumOpen = 256

    private var sessions: [SessionID: LegacySession] = [:]
    private var owned: [SessionOwner: Set<SessionID>] = [:]

    package init() {}
    package var count: Int { sessions.count }
    package func has(_ id: SessionID) -> Bool { sessions[id] != nil }

    package enum Opening: Sendable {
        /// The session is open. `ended` was removed to make room; the caller must close its record.
        case opened(LegacySession, ended: LegacySession?)
        /// The owner has 32 sessions, all of them active; answered with 503.
        case full
    }

    /// - Parameter random: 32 bytes.
    package mutating func open(
        for owner: SessionOwner, version: ProtocolVersion, capabilities: JSONObject,
        random: [UInt8], now: BootTime
    ) -> Opening {
        var ended: LegacySession?
        let mine = owned[owner] ?? []
        if mine.count >= Self.maximumPerOwner {
            let idle = mine.compactMap { sessions[$0] }.filter(\.isIdle)
            guard let oldest = idle.min(by: { $0.lastUsed < $1.lastUsed }) else { return .full }
            ended = remove(oldest.id)
        }
        let session = LegacySession(
            id: SessionID(random: random), owner: owner, version: version,
            capabilities: capabilities, lastUsed: now)
        sessions[session.id] = session
        owned[owner, default: []].insert(session.id)
        return .opened(session, ended: ended)
    }

    /// Returns the session and marks it as used now. Returns nil, answered with 404, if the session does not exist or
    /// belongs to another owner.
    package mutating func use(
        _ id: SessionID, by owner: SessionOwner, now: BootTime
    ) -> LegacySession? {
        guard let place = sessions.index(forKey: id), sessions.values[place].owner == owner,
            !isOver(sessions.values[place], now)
        else { return nil }
        sessions.values[place].lastUsed = now
        return sessions.values[place]
    }

    package mutating func markInitialized(_ id: SessionID) { sessions[id]?.isInitialized = true }

    package mutating func set(_ level: LogLevel, of id: SessionID) {
        sessions[id]?.logLevel = level
    }

    package enum Beginning: Sendable, Equatable {
        case begun
        /// A request with this id is already pending; answered with -32600.
        case duplicate
        case tooMany
        case unknown
    }

    /// Registers a pending request. After `begun`, the caller must call `finish`.
    package mutating func begin(_ request: RequestID, in id: SessionID) -> Beginning {
        guard let place = sessions.index(forKey: id) else { return .unknown }
        if sessions.values[place].open.contains(request) { return .duplicate }
        if sessions.values[place].open.count >= Self.maximumOpen { return .tooMany }
        sessions.values[place].open.insert(request)
        return .begun
    }

    package mutating func finish(_ request: RequestID, in id: SessionID, now: BootTime) {
        guard let place = sessions.index(forKey: id) else { return }
        sessions.values[place].open.remove(request)
        sessions.values[place].lastUsed = now
    }

    /// - Returns: false if the session already has its stream (409) or no longer exists.
    package mutating func openStream(_ id: SessionID) -> Bool {
        guard sessions[id]?.hasStream == false else { return false }
        sessions[id]?.hasStream = true
        return true
    }

    package mutating func closeStream(_ id: SessionID, now: BootTime) {
        sessions[id]?.hasStream = false
        sessions[id]?.lastUsed = now
    }

    /// - Returns: the ended session, or nil if it does not exist or belongs to another owner.
    package mutating func end(_ id: SessionID, by owner: SessionOwner) -> LegacySession? {
        guard sessions[id]?.owner == owner else { return nil }
        return remove(id)
    }

    /// Ends and returns the sessions that have been idle for more than half an hour.
    package mutating func expire(now: BootTime) -> [LegacySession] {
        sessions.values.filter { isOver($0, now) }.compactMap { remove($0.id) }
    }

    /// - Returns: the sessions of the run, which are ended.
    package mutating func end(all run: RunID) -> [LegacySession] {
        sessions.values.filter { $0.owner.run == run }.compactMap { remove($0.id) }
    }

    package func sessions(of runs: Set<RunID>) -> [LegacySession] {
        sessions.values.filter { runs.contains($0.owner.run) }
    }

    /// Returns the sessions of an agent, whose lists of features may have changed.
    package func sessions(of agent: AgentName) -> [LegacySession] {
        sessions.values.filter { $0.owner.agent == agent }
    }

    private func isOver(_ session: LegacySession, _ now: BootTime) -> Bool {
        session.isIdle && now - session.lastUsed > Self.idleLimit
    }

    private mutating func remove(_ id: SessionID) -> LegacySession? {
        guard let session = sessions.removeValue(forKey: id) else { return nil }
        owned[session.owner]?.remove(id)
        if owned[session.owner]?.isEmpty == true { owned[session.owner] = nil }
        return session
    }
}
