import InterlockJSON
import InterlockLedger
import InterlockMCP
package import InterlockModel
package import InterlockPorts
import Synchronization

/// The sessions of the legacy eras with their state: calls that can be cancelled by their request id, and the one
/// stream on which the gateway may send messages of its own.
package final class SessionRegistry: Sendable {
    private struct State {
        var table = SessionTable()
        var calls: [SessionID: [RequestID: CancelToken]] = [:]
        var streams: [SessionID: SessionStream] = [:]
        var seen: [SessionID: ListsSeen] = [:]
        var events: [SessionID: SessionEvents] = [:]
        /// The session's own stream in its events, with its last principal.
        var own: [SessionID: (number: Int, principal: Principal)] = [:]
    }
    private let state = Mutex(State())
    private let ledger: any Ledger
    private let entropy: any Entropy
    private let clock: any Clock
    private let resumes: Bool

    /// - Parameter resumes: whether a client may resume a stream that it lost.
    package init(ledger: any Ledger, entropy: any Entropy, clock: any Clock, resumes: Bool = true) {
        self.ledger = ledger
        self.entropy = entropy
        self.clock = clock
        self.resumes = resumes
    }

    package var count: Int { state.withLock { $0.table.count } }

    /// - Returns: nil if no slot is free.
    func open(
        _ request: InitializeRequest, for principal: Principal, run: RunContext, now: ClockReading
    ) -> LegacySession? {
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

    /// Sets the log level of the session's calls from now on.
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

    /// Handles `notifications/cancelled`; an id that is not open in this session is ignored.
    func cancel(_ request: RequestID, in id: SessionID) {
        let token = state.withLock { $0.calls[id]?[request] }
        token?.cancel(.client)
    }

    /// - Returns: whether this principal had such a session.
    func end(_ id: SessionID, by principal: Principal, run: RunContext) -> Bool {
        let ended = state.withLock { $0.table.end(id, by: SessionOwner(principal)) }
        guard let ended else { return false }
        forget(ended, run: run)
        return true
    }

    /// Is nil if the session's streams end with their connections.
    func events(of id: SessionID) -> SessionEvents? { state.withLock { $0.events[id] } }

    /// Returns whether a stream of the session's events is its own stream.
    func isOwn(_ stream: Int, of id: SessionID) -> Bool {
        state.withLock { $0.own[id]?.number == stream }
    }

    /// Makes this the session's own stream.
    ///
    /// - Parameter comesBack: whether it resumes the previous stream, which is ended if it is still open.
    /// - Returns: false if the session has its stream already, or has ended.
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

    /// - Parameter number: the number of the stream in the session's events.
    func own(_ number: Int, by principal: Principal, of id: SessionID) {
        let (events, before) = state.withLock { state in
            defer { state.own[id] = (number, principal) }
            return (state.events[id], state.own[id]?.number)
        }
        if let before, before != number { events?.forget(before) }
    }

    func isOpen(_ id: SessionID) -> Bool { state.withLock { $0.table.has(id) } }

    /// Sends a message on the session's own stream, or stores it for a client that resumes the stream; without such a
    /// stream the message is dropped.
    ///
    /// - Parameter reaches: whether the stream's current or last caller may receive the message.
    func tell(_ message: StreamMessage, in id: SessionID, where reaches: (Principal) -> Bool) {
        let (stream, events, own) = state.withLock { ($0.streams[id], $0.events[id], $0.own[id]) }
        if let stream {
            if reaches(stream.principal) { stream.send(message) }
        } else if let events, let own, reaches(own.principal) {
            events.send(message, on: own.number)
        }
    }

    /// - Parameter seen: the lists that the agent last saw.
    func leave(_ stream: SessionStream, in id: SessionID, _ seen: ListsSeen, now: ClockReading) {
        state.withLock { state in
            guard state.streams[id] === stream else { return }
            state.table.closeStream(id, now: now.boot)
            state.streams[id] = nil
            if !seen.views.isEmpty { state.seen[id] = seen }
        }
    }

    /// Returns the lists that the agent last saw at this endpoint on a stream of the session.
    func lastSeen(in id: SessionID, at server: ServerName?) -> [ListKind: UInt64]? {
        state.withLock { state in state.seen[id].flatMap { $0.server == server ? $0.views : nil } }
    }

    /// Ends sessions that were not used for half an hour. Called every second.
    func expire(now: ClockReading, run: (SessionOwner) -> RunContext?) {
        let (over, events) = state.withLock {
            ($0.table.expire(now: now.boot), Array($0.events.values))
        }
        for session in over { forget(session, run: run(session.owner)) }
        for kept in events { kept.expire() }
    }

    /// Ends every session of a run in which no token can act any more.
    func endAll(of run: RunContext) {
        let over = state.withLock { $0.table.end(all: run.run) }
        for session in over { forget(session, run: run) }
    }

    /// The open sessions of each of these runs, as records name them.
    func recordNames(of runs: Set<RunID>) -> [RunID: [String]] {
        let sessions = state.withLock { $0.table.sessions(of: runs) }
        return Dictionary(grouping: sessions) { $0.owner.run }.mapValues {
            $0.map(\.id.recordName).sorted()
        }
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

/// The lists that an agent saw at one endpoint, as hashes.
struct ListsSeen {
    let server: ServerName?
    let views: [ListKind: UInt64]
}

extension SessionID {
    /// A prefix that distinguishes sessions in the log but cannot be used to join one.
    fileprivate var recordName: String { String(text.prefix(8)) }
}
