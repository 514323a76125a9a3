import Synchronization

/// Cancels one call, once. Handlers that are added after the cancellation run at once.
package final class CancelToken: Sendable {
    package enum Cause: Sendable { case client, halt, shutdown }

    private struct State {
        var cause: Cause?
        var handlers: [@Sendable (Cause) -> Void] = []
        var end: CutEnd?
    }
    private let state = Mutex(State())

    package init() {}

    package var cause: Cause? { state.withLock { $0.cause } }

    /// The way the call ended at its server, or nil until that is known.
    package var end: CutEnd? { state.withLock { $0.end } }
    package func note(_ end: CutEnd) { state.withLock { $0.end = end } }

    /// - Returns: false if the token was cancelled before.
    @discardableResult
    package func cancel(_ cause: Cause) -> Bool {
        let handlers = state.withLock { state -> [@Sendable (Cause) -> Void]? in
            guard state.cause == nil else { return nil }
            state.cause = cause
            defer { state.handlers = [] }
            return state.handlers
        }
        guard let handlers else { return false }
        for handler in handlers { handler(cause) }
        return true
    }

    package func onCancel(_ handler: @escaping @Sendable (Cause) -> Void) {
        let already = state.withLock { state -> Cause? in
            if state.cause == nil { state.handlers.append(handler) }
            return state.cause
        }
        if let already { handler(already) }
    }
}

/// The way a call that a halt interrupted ended at its server.
package enum CutEnd: Sendable {
    /// The call never reached its server.
    case undone
    /// The server responded, and the result is withheld.
    case answered
    /// The effect at the server is unknown: people must check.
    case unknown
}
