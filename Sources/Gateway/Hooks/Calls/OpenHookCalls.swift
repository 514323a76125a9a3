import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockModel
import Synchronization

/// A call between the event before it and the record that closes it.
final class OpenHookCall: Sendable {
    private enum State {
        case open([CheckedContinuation<CallEnd, Never>])
        case ended(CallEnd)
    }

    let id: CallID
    let call: HostCall
    let key: Key
    private let state = Mutex(State.open([]))

    /// The values that the events before and after a call share.
    struct Key: Hashable {
        let session: ExactText
        /// The host's name of the call, or its tool and arguments if it has none.
        let call: ExactText

        /// - Returns: nil if the event names neither.
        init?(_ event: HookEvent) {
            guard let call = event.call.map(Self.name) ?? event.tool.map(Self.name(of:)) else {
                return nil
            }
            self.call = call
            session = ExactText(event.session)
        }

        fileprivate init(_ event: HookEvent, _ tool: HookTool) {
            call = event.call.map(Self.name) ?? Self.name(of: tool)
            session = ExactText(event.session)
        }

        private static func name(_ call: String) -> ExactText { ExactText("call " + call) }

        private static func name(of tool: HookTool) -> ExactText {
            let arguments = JSONValue.object(tool.arguments).serialized()
            return ExactText(
                "tool \(tool.hostName) " + String(decoding: arguments, as: UTF8.self))
        }
    }

    init(_ id: CallID, _ call: HostCall, _ event: HookEvent, _ tool: HookTool) {
        self.id = id
        self.call = call
        key = Key(event, tool)
    }

    /// Returns once the end of the call is on record.
    func end() async -> CallEnd {
        await withCheckedContinuation { continuation in
            let ended = state.withLock { state -> CallEnd? in
                switch state {
                case .ended(let end): return end
                case .open(let waiting):
                    state = .open(waiting + [continuation])
                    return nil
                }
            }
            if let ended { continuation.resume(returning: ended) }
        }
    }

    func finish(_ end: CallEnd) {
        let waiting = state.withLock { state -> [CheckedContinuation<CallEnd, Never>] in
            guard case .open(let waiting) = state else { return [] }
            state = .ended(end)
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: end) }
    }
}

/// The open calls of all runs, found by what the host says of them. `HostCallRegistry` bounds their number.
final class OpenHookCalls: Sendable {
    private let runs = Mutex<[RunID: [OpenHookCall]]>([:])

    func add(_ call: OpenHookCall, of run: RunID) {
        runs.withLock { $0[run, default: []].append(call) }
    }

    func remove(_ call: OpenHookCall, of run: RunID) {
        runs.withLock { runs in
            runs[run]?.removeAll { $0 === call }
            if runs[run]?.isEmpty == true { runs[run] = nil }
        }
    }

    /// Returns the oldest call of the event that `ends`.
    func take(_ event: HookEvent, of run: RunID, where ends: (HostCall) -> Bool) -> OpenHookCall? {
        guard let key = OpenHookCall.Key(event) else { return nil }
        let open = runs.withLock { $0[run] ?? [] }
        return open.first { $0.key == key && ends($0.call) }
    }

    /// True from the allow of a call to its end.
    ///
    /// - Parameter record: the decision id of the call.
    func isOpen(_ record: String?, of run: RunID) -> Bool {
        guard let record else { return false }
        let open = runs.withLock { $0[run] ?? [] }
        return open.contains { sameBytes($0.id.decisionID, record) && $0.call.isOpen }
    }

    /// Ends all calls of a session without a known outcome, and waits until their ends are on record.
    func end(of run: RunID, session: String) async {
        let session = ExactText(session)
        let open = runs.withLock { $0[run] ?? [] }.filter { $0.key.session == session }
        for one in open { one.call.endUnknown() }
        for one in open { _ = await one.end() }
    }
}
