import InterlockJSON
import InterlockLedger
import InterlockMCP
package import InterlockModel
package import InterlockPorts
import Synchronization

/// The sessions of the legacy eras with what hangs on them: calls that can be cancelled by their
/// request id, and the one stream on which the gateway may speak by itself.
package final class SessionRegistry: Sendable {
    private struct State {
        var table = SessionTable()
        var calls: [SessionID: [RequestID: CancelToken]] = [:]
        var streams: [SessionID: SessionStream] = [:]
        var seen: [SessionID: ListsSeen] = [:]
        var events: [SessionID: SessionEvents] = [:]
        /// The session's own stream in its events, and who had it last.
        var own: [SessionID: (number: Int, principal: Principal)] = [:]
    }
    private let state = Mutex(State())
    private let ledger: any Ledger
    private let entropy: any Entropy
    private let clock: any Clock
    private let resumes: Bool

    /// - Parameter resumes: whether a client that lost a stream may come back to it.
    package init(
        ledger: any Ledger, entropy: any Entropy, clock: any Clock, resumes: Bool = true
    ) {
        self.ledger = ledger
        self.entropy = entropy
        self.clock = clock
        self.resumes = resumes
    }

    package var count: Int { state.withLock { $0.table.count } }

    /// - Returns: nil when no slot is free.
    func open(
        _ request: InitializeRequest, for principal: Principal, run: RunContext, now: ClockReading
    )
        -> LegacySession?
    {
        let owner = SessionOwner(principal)
        let opening = state.withLock { state in
            state.table.open(
                for: owner, version: .negotiate(requested: request.protocolVersion),
                capabilities: request.capabilities, random: entropy.bytes(32), now: now.boot)
        }
        guard case .opened(let session, let ended) = opening else { return nil }
        if let ended { forget(ended, run: run) }
        if resumes {
            let events = SessionEvents(clock: clock)
            state.withLock { $0.events[session.id] = events }
        }
        ledger.note(
            RecordDraft(
                .sessionOpened, run: run,
                fields: [
                    "proto": .string(session.version.rawValue),
                    "sess": .string(session.id.recordName),
                ]))
        return session
    }

    func use(_ id: SessionID, by principal: Principal, now: ClockReading) -> LegacySession? {
        state.withLock { $0.table.use(id, by: SessionOwner(principal), now: now.boot) }
    }

    func markInitialized(_ id: SessionID) { state.withLock { $0.table.markInitialized(id) } }

    /// For the calls of the session from now on.
    func set(_ level: LogLevel, of id: SessionID) { state.withLock { $0.table.set(level, of: id) } }

    func begin(_ request: RequestID, in id: SessionID, cancel: CancelToken)
        -> SessionTable.Beginning
    {
        state.withLock { state in
            let beginning = state.table.begin(request, in: id)
            if beginning == .begun { state.calls[id, default: [:]][request] = cancel }
            return beginning
        }
    }

    func finish(_ request: RequestID, in id: SessionID, now: ClockReading) {
        state.withLock { state in
            state.table.finish(request, in: id, now: now.boot)
            guard let place = state.calls.index(forKey: id) else { return }
            state.calls.values[place][request] = nil
            if state.calls.values[place].isEmpty { state.calls.remove(at: place) }
        }
    }

    /// `notifications/cancelled`; an id that is not open in this very session is ignored.
    func cancel(_ request: RequestID, in id: SessionID) {
        let token = state.withLock { $0.calls[id]?[request] }
        token?.cancel(.client)
    }

    /// - Returns: whether there was such a session of this principal.
    func end(_ id: SessionID, by principal: Principal, run: RunContext) -> Bool {
        let ended = state.withLock { $0.table.end(id, by: SessionOwner(principal)) }
        guard let ended else { return false }
        forget(ended, run: run)
        return true
    }

    /// nil where its streams end with their connections.
    func events(of id: SessionID) -> SessionEvents? { state.withLock { $0.events[id] } }

    /// Whether a stream of the session's events is its own one.
    func isOwn(_ stream: Int, of id: SessionID) -> Bool {
        state.withLock { $0.own[id]?.number == stream }
    }

    /// Makes this the session's own stream.
    ///
    /// - Parameter comesBack: it goes on with the one before, which gives way if it is still there.
    /// - Returns: false when the session has its stream already, or has ended.
    func enter(_ stream: SessionStream, in id: SessionID, comesBack: Bool) -> Bool {
        let before: SessionStream?? = state.withLock { state in
            let before = state.streams[id]
            if before == nil || !comesBack {
                guard state.table.openStream(id) else { return nil }
            }
            state.streams[id] = stream
            return .some(before)
        }
        guard let before else { return false }
        before?.end()
        return true
    }

    /// - Parameter number: of the stream in the session's events.
    func own(_ number: Int, by principal: Principal, of id: SessionID) {
        let (events, before) = state.withLock { state in
            defer { state.own[id] = (number, principal) }
            return (state.events[id], state.own[id]?.number)
        }
        if let before, before != number { events?.forget(before) }
    }

    func isOpen(_ id: SessionID) -> Bool { state.withLock { $0.table.has(id) } }

    /// Says something on the session's own stream, or keeps it for a client that comes back to it; nobody
    /// hears it where there is no such stream.
    ///
    /// - Parameter reaches: whether the caller that has the stream, or had it last, may hear it.
    func tell(_ message: [UInt8], in id: SessionID, where reaches: (Principal) -> Bool) {
        let (stream, events, own) = state.withLock {
            ($0.streams[id], $0.events[id], $0.own[id])
        }
        if let stream {
            if reaches(stream.principal) { stream.send(message) }
        } else if let events, let own, reaches(own.principal) {
            events.send(message, on: own.number, isNeeded: false)
        }
    }

    /// - Parameter seen: what its agent saw when it was told last.
    func leave(_ stream: SessionStream, in id: SessionID, _ seen: ListsSeen, now: ClockReading) {
        state.withLock { state in
            guard state.streams[id] === stream else { return }
            state.table.closeStream(id, now: now.boot)
            state.streams[id] = nil
            if !seen.views.isEmpty { state.seen[id] = seen }
        }
    }

    /// What the agent saw at this endpoint when a stream of the session was told last.
    func lastSeen(in id: SessionID, at server: ServerName?) -> [ListKind: UInt64]? {
        state.withLock { state in
            state.seen[id].flatMap { $0.server == server ? $0.views : nil }
        }
    }

    /// Ends what nobody has used for half an hour. Called every second.
    func expire(now: ClockReading, run: (SessionOwner) -> RunContext?) {
        let (over, events) = state.withLock {
            ($0.table.expire(now: now.boot), Array($0.events.values))
        }
        for session in over { forget(session, run: run(session.owner)) }
        for kept in events { kept.expire() }
    }

    /// Ends every session of a run in which nobody can act any more.
    func endAll(of run: RunContext) {
        let over = state.withLock { $0.table.end(all: run.run) }
        for session in over { forget(session, run: run) }
    }

    private func forget(_ session: LegacySession, run: RunContext?) {
        let stream = state.withLock { state in
            state.calls[session.id] = nil
            state.seen[session.id] = nil
            state.events[session.id] = nil
            state.own[session.id] = nil
            return state.streams.removeValue(forKey: session.id)
        }
        stream?.end()
        ledger.note(
            RecordDraft(.sessionClosed, run: run, fields: ["sess": .string(session.id.recordName)]))
    }
}

/// What an agent saw of the lists at one endpoint, as numbers.
struct ListsSeen {
    let server: ServerName?
    let views: [ListKind: UInt64]
}

extension SessionID {
    /// Enough to tell sessions apart in the log, too little to use one.
    fileprivate var recordName: String { String(text.prefix(8)) }
}
