import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// Forwards notifications to the open request of a call as it asked for them: progress under its own token, increasing,
/// and log messages from its own level up; both together at most ten a second. A parked call has another request in
/// each round, or none, and receives nothing in between.
///
/// INVARIANT: a caller gets the notifications of its call that it asked for, on the request that is open now, and no
/// others. Kept by `NoticeTests`, `UpstreamLogTests`, `test_notices.py`.
final class CallNotifier: NotificationSink {
    struct Preferences: Sendable {
        /// The progress token of the request, or nil for no progress.
        let token: RequestID?
        /// The level of the request or its session, or nil for no log messages.
        let level: LogLevel?
        var isEmpty: Bool { token == nil && level == nil }
    }

    private struct State {
        var caller: Caller?
        var preferences: Preferences
        /// The last progress sent under the current token.
        var progress = -Double.infinity
        var rate = NoticeRate()
    }
    private let state: Mutex<State>
    private let clock: any Clock
    private let counters: Counters

    init(_ preferences: Preferences, to caller: Caller, clock: any Clock, counters: Counters) {
        state = Mutex(State(caller: caller, preferences: preferences))
        self.clock = clock
        self.counters = counters
    }

    /// The notifications that the open request asked for.
    var preferences: Preferences { state.withLock { $0.preferences } }
    var wantsProgress: Bool { preferences.token != nil }
    var logLevel: LogLevel? { preferences.level }

    /// Called when the open request is answered; the call continues with another request, or waits for one.
    func rest() { state.withLock { $0.caller = nil } }

    func goOn(_ preferences: Preferences, to caller: Caller) {
        if !preferences.isEmpty { caller.startStream() }
        state.withLock { state in
            state.caller = caller
            state.preferences = preferences
            state.progress = -.infinity
        }
    }

    func progress(_ params: JSONObject) {
        guard let notice = ProgressNotification(params) else { return drop() }
        tell { state, version in
            guard let token = state.preferences.token, notice.progress > state.progress else {
                return nil
            }
            state.progress = notice.progress
            return notice.notification(token: token, version: version)
        }
    }

    func log(_ params: JSONObject) {
        guard let message = LogMessage(params) else { return drop() }
        tell { state, _ in
            guard let level = state.preferences.level, message.level >= level else { return nil }
            return message.notification
        }
    }

    /// - Parameter make: returns nil for a notification that this request did not ask for.
    private func tell(_ make: (inout State, ProtocolVersion) -> [UInt8]?) {
        let now = clock.boot
        let isDropped = state.withLock { state in
            guard let caller = state.caller, let message = make(&state, caller.version) else {
                return false
            }
            guard state.rate.admits(at: now) else { return true }
            // The message is sent inside the lock, so that the order is kept.
            caller.send(message)
            return false
        }
        if isDropped { drop() }
    }

    private func drop() { counters.noticesDropped.count() }
}

/// Forwards only the two progress numbers, for calls whose result has masked fields.
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
