import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// Tells the request of a call that is open now what it asked to hear: progress under its own token,
/// rising, and log messages from its own level up; both together at most ten a second. A parked call has
/// another request each round, or none, and is told nothing in between.
final class CallNotifier: NotificationSink {
    struct Preferences: Sendable {
        /// Of the request; nil: no progress.
        let token: RequestID?
        /// Of the request or its session; nil: no log messages.
        let level: LogLevel?
        var isEmpty: Bool { token == nil && level == nil }
    }

    private struct State {
        var caller: Caller?
        var wish: Preferences
        /// Progress told under the present token.
        var progress = -Double.infinity
        var rate = NoticeRate()
    }
    private let state: Mutex<State>
    private let clock: any Clock
    private let counters: Counters

    init(_ wish: Preferences, to caller: Caller, clock: any Clock, counters: Counters) {
        state = Mutex(State(caller: caller, wish: wish))
        self.clock = clock
        self.counters = counters
    }

    /// What the open request wants.
    var wish: Preferences { state.withLock { $0.wish } }
    var wantsProgress: Bool { wish.token != nil }
    var logLevel: LogLevel? { wish.level }

    /// The open request is answered; the call goes on with another one, or waits for it.
    func rest() { state.withLock { $0.caller = nil } }

    func goOn(_ wish: Preferences, to caller: Caller) {
        if !wish.isEmpty { caller.startStream() }
        state.withLock { state in
            state.caller = caller
            state.wish = wish
            state.progress = -.infinity
        }
    }

    func progress(_ params: JSONObject) {
        guard let notice = ProgressNotification(params) else { return drop() }
        tell { state, version in
            guard let token = state.wish.token, notice.progress > state.progress else {
                return nil
            }
            state.progress = notice.progress
            return notice.notification(token: token, version: version)
        }
    }

    func log(_ params: JSONObject) {
        guard let message = LogMessage(params) else { return drop() }
        tell { state, _ in
            guard let level = state.wish.level, message.level >= level else { return nil }
            return message.notification
        }
    }

    /// - Parameter make: nil for what this request did not ask for.
    private func tell(_ make: (inout State, ProtocolVersion) -> [UInt8]?) {
        let now = clock.boot
        let isDropped = state.withLock { state in
            guard let caller = state.caller, let message = make(&state, caller.version) else {
                return false
            }
            guard state.rate.admits(at: now) else { return true }
            // Inside the lock: what is told keeps its order.
            caller.send(message)
            return false
        }
        if isDropped { drop() }
    }

    private func drop() { counters.noticesDropped.count() }
}

/// Where fields of the result are kept back, only how far the server is goes on to the agent: two numbers.
struct WithheldNotifications: NotificationSink {
    let notices: CallNotifier
    var wantsProgress: Bool { notices.wantsProgress }
    var logLevel: LogLevel? { nil }

    func progress(_ params: JSONObject) {
        var params = params
        params["message"] = nil
        notices.progress(params)
    }

    func log(_ params: JSONObject) {}
}
