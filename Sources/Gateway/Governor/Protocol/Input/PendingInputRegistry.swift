import InterlockJSON
import InterlockMCP
import Synchronization

/// The pending input requests to clients of the legacy eras, each bound to its session. A response matches only a
/// pending request of the same session.
final class PendingInputRegistry: Sendable {
    private struct Slot: Hashable {
        let session: SessionID
        let id: Int64
    }
    private struct State {
        var last: Int64 = 0
        var waiting: [Slot: @Sendable (Result<JSONObject, JSONRPCError>) -> Void] = [:]
    }
    private let state = Mutex(State())

    /// - Returns: the id of the request; never reused.
    func add(
        in session: SessionID,
        _ answered: @escaping @Sendable (Result<JSONObject, JSONRPCError>) -> Void
    ) -> Int64 {
        state.withLock { state in
            state.last += 1
            state.waiting[Slot(session: session, id: state.last)] = answered
            return state.last
        }
    }

    func remove(_ id: Int64, in session: SessionID) {
        state.withLock { $0.waiting[Slot(session: session, id: id)] = nil }
    }

    /// - Returns: whether the response matched a pending request.
    func answer(
        _ id: RequestID?, in session: SessionID?, _ answer: Result<JSONObject, JSONRPCError>
    ) -> Bool {
        guard case .integer(let id)? = id, let session else { return false }
        let answered = state.withLock {
            $0.waiting.removeValue(forKey: Slot(session: session, id: id))
        }
        answered?(answer)
        return answered != nil
    }
}
