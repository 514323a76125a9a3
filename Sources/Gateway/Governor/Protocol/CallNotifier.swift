import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// Forwards notifications to the open request of a call as it asked for them: progress under its own token, increasing,
/// and log messages from its own level up; both together at most ten a second, and searched for secrets. A parked call
/// has another request in each round, or none, and receives nothing in between.
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
        /// The texts that the caller got, whichever request was open.
        var history = NoticeHistory()
        /// The end of all texts that the caller got, names of members too; kept only if markers are searched for.
        var shown = TextTail()
        var findings = NoticeFindings()
        /// The search for markers of injections; nil if there is none.
        var markers: MarkerSearch?
    }
    private let state: Mutex<State>
    private let search: NoticeSearch
    private let gateway: Gateway
    private let principal: Principal

    init(
        _ preferences: Preferences, to caller: Caller, search: NoticeSearch, of gateway: Gateway,
        for principal: Principal
    ) {
        state = Mutex(State(caller: caller, preferences: preferences))
        self.search = search
        self.gateway = gateway
        self.principal = principal
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

    /// Called before the call is sent, if what its server sends is searched for markers of injections.
    func attach(_ markers: MarkerSearch) { state.withLock { $0.markers = markers } }

    /// Forwards nothing more.
    ///
    /// - Returns: what the search found, for the record of the call, which is made next.
    func end() -> NoticeFindings {
        state.withLock { state in
            state.caller = nil
            return state.findings
        }
    }

    func progress(_ params: JSONObject) {
        guard let notice = ProgressNotification(params) else { return drop() }
        tell(notice) { state in
            guard state.preferences.token != nil, notice.progress > state.progress else {
                return false
            }
            state.progress = notice.progress
            return true
        } message: { searched, preferences, version in
            preferences.token.map { .progress(searched, token: $0, in: version) }
        }
    }

    func log(_ params: JSONObject) {
        guard let notice = LogMessage(params) else { return drop() }
        tell(notice) { state in
            state.preferences.level.map { notice.level >= $0 } ?? false
        } message: { searched, _, _ in
            .log(searched)
        }
    }

    /// - Parameter isWanted: returns false for a notification that this request did not ask for.
    private func tell<Notice: ServerNotice>(
        _ notice: Notice, if isWanted: (inout State) -> Bool,
        message: (SearchedNotice<Notice>, Preferences, ProtocolVersion) -> StreamMessage?
    ) {
        let now = gateway.clock.boot
        var findings: [ResultFinding] = []
        let isDropped = state.withLock { state in
            guard let caller = state.caller, isWanted(&state) else { return false }
            guard state.rate.admits(at: now) else { return true }
            // Searched and sent inside the lock, so that the order is kept, and each follows the texts before it.
            let result = search.search(notice, after: state.history)
            findings = result.findings
            state.findings.add(findings, rules: search.rules)
            guard let searched = result.notice else {
                state.findings.countDropped()
                return true
            }
            state.history.add(searched)
            // The run is hostile before the message is sent. A crash before the end of the call is on record by its
            // end without a level, which counts as hostile.
            if let markers = state.markers {
                // Names of members are text for a model as well. They are between the strings, so those are searched
                // without them, too.
                let shown = searched.notice.shownTexts
                for texts in [state.history.texts, state.shown.texts + shown] {
                    state.findings.add(markers.note(texts), rules: search.rules)
                }
                state.shown.add(shown)
            }
            if let message = message(searched, state.preferences, caller.version) {
                caller.send(message)
            }
            return false
        }
        if isDropped { drop() }
        if !findings.isEmpty { gateway.alarm(canaryIn: findings, for: principal) }
    }

    private func drop() { gateway.counters.noticesDropped.count() }
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
