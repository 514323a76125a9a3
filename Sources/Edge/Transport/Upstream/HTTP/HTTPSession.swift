import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// One agent's access to an upstream over Streamable HTTP: a legacy session, or modern requests.
///
/// Shared by the loops; each request uses the HTTP client of the loop it is made on.
final class HTTPSession: UpstreamSession {
    /// The result of the opening.
    struct Opened: Sendable {
        /// Distinguishes successive openings: a 404 for an old one must not end the new one.
        let generation: Int
        let version: ProtocolVersion
        /// The session id, only in the legacy era.
        let sessionID: String?
        let lists: Set<FeatureListMethod>
        let changing: Set<ListKind>
        /// True if the server supports `logging/setLevel`.
        let hasLogging: Bool
    }

    private enum State {
        /// -> opening
        case closed
        /// -> open, closed
        case opening([CheckedContinuation<Result<Opened, UpstreamFailure>, Never>])
        /// -> closed
        case open(Opened)
        /// Permanently closed.
        case ended
    }

    let shared: UpstreamShared
    let key: SessionKey
    let url: String
    let clients: HTTPClients
    private let state = Mutex(State.closed)
    private let generation = Atomic<Int>(0)
    /// The agreement on log messages, and the opening it belongs to.
    let agreement = Mutex((generation: 0, levels: LevelAgreement()))
    /// The stream on which the server announces changes of its lists, or requests input.
    private let stream = Mutex<HTTPStream?>(nil)
    let status = Mutex(Status())
    /// The receiver of resource updates, or nil.
    let listener = Mutex<ResourceUpdateListener?>(nil)

    init(shared: UpstreamShared, key: SessionKey, url: String, clients: HTTPClients) {
        self.shared = shared
        self.key = key
        self.url = url
        self.clients = clients
    }

    var limits: UpstreamLimits { shared.limits }

    func call(_ call: UpstreamCall) async -> UpstreamResponse {
        await clients.onLoop { client in
            await unsafe withUnsafeContinuation { continuation in
                unsafe HTTPCall(call, session: self, client: client, continuation).start()
            }
        }
    }

    func endChild(_ ending: EndingChildren) {}

    func close() async {
        let last = state.withLock { state in
            defer { state = .ended }
            if case .open(let opened) = state { return Opened?(opened) }
            return nil
        }
        hold(nil)
        listener.withLock { $0 }?.wake()
        guard let last, last.sessionID != nil else { return }
        let credential: UpstreamCredential?
        switch shared.credentials.known(key.agent) {
        case .none: credential = nil
        case .ready(let known): credential = known
        // Fetching a credential only to end the session is not worthwhile: the server expires it by itself.
        case .toGet: return
        }
        await clients.onLoop { client in
            var request = self.request([], in: last, credential)
            request.method = "DELETE"
            request.hardLimit = self.limits.cancelling
            _ = await client.send(request)
        }
    }

    /// Replaces the previous stream, which is closed. The new one is closed at once if the session has ended.
    func hold(_ new: HTTPStream?) {
        let before = stream.withLock { stream in
            defer { stream = new }
            return stream
        }
        before?.close()
        if hasEnded { new?.close() }
    }

    var hasEnded: Bool { state.withLock { if case .ended = $0 { true } else { false } } }

    // MARK: opening

    /// The current opening, or nil if the session is not open.
    var openedNow: Opened? {
        state.withLock { if case .open(let opened) = $0 { opened } else { nil } }
    }

    /// Opens the session, once for all concurrent callers.
    func open(_ client: HTTPClient) async -> Result<Opened, UpstreamFailure> {
        enum Role {
            case done(Result<Opened, UpstreamFailure>)
            case wait, opener
        }
        let role = state.withLock { state in
            switch state {
            case .open(let opened): return Role.done(.success(opened))
            case .ended: return .done(.failure(UpstreamFailure("the session has ended")))
            case .opening: return .wait
            case .closed:
                state = .opening([])
                return .opener
            }
        }
        switch role {
        case .done(let result): return result
        case .opener: return conclude(await negotiate(client))
        case .wait:
            return await withCheckedContinuation { continuation in
                let now: Result<Opened, UpstreamFailure>? = state.withLock { state in
                    switch state {
                    case .opening(let waiting):
                        state = .opening(waiting + [continuation])
                        return nil
                    case .open(let opened): return .success(opened)
                    case .closed, .ended:
                        return .failure(UpstreamFailure("the session could not be opened"))
                    }
                }
                if let now { continuation.resume(returning: now) }
            }
        }
    }

    private func conclude(_ result: Result<Opened, UpstreamFailure>)
        -> Result<Opened, UpstreamFailure>
    {
        let waiting = state.withLock { state in
            guard case .opening(let waiting) = state else {
                return [CheckedContinuation<Result<Opened, UpstreamFailure>, Never>]()
            }
            if case .success(let opened) = result { state = .open(opened) } else { state = .closed }
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: result) }
        return result
    }

    func opened(_ handshake: UpstreamHandshake, sessionID: String?) -> Opened {
        Opened(
            generation: generation.wrappingAdd(1, ordering: .relaxed).newValue,
            version: handshake.version, sessionID: sessionID, lists: handshake.lists,
            changing: handshake.changing,
            hasLogging: handshake.hasLogging && !handshake.version.isModern)
    }

    /// Discards an opening; the next `open` starts again.
    func forget(_ opened: Opened) {
        state.withLock { state in
            if case .open(let current) = state, current.generation == opened.generation {
                state = .closed
            }
        }
    }
}
