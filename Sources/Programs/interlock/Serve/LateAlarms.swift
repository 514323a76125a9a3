import InterlockModel
import Synchronization

/// Alarms of parts that exist before what raises them. Each waits until then.
final class LateAlarms: Sendable {
    typealias Raise = @Sendable (_ code: String, _ server: ServerName) -> Void
    private struct State {
        var raise: Raise?
        var waiting: [(code: String, server: ServerName)] = []
    }
    private let state = Mutex(State())

    func raise(_ code: String, _ server: ServerName) {
        let raise = state.withLock { state -> Raise? in
            if state.raise == nil { state.waiting.append((code, server)) }
            return state.raise
        }
        raise?(code, server)
    }

    func deliver(to raise: @escaping Raise) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.raise = raise
            return state.waiting
        }
        for (code, server) in waiting { raise(code, server) }
    }
}
