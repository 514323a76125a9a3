import InterlockMCP
import InterlockModel
import Synchronization

/// The modern calls whose client is gathering answers, in memory; after a restart their outcome is unknown.
///
/// INVARIANT: a parked call resumes once, for its own caller, arguments and pin; every other retry gets the same
/// response. Kept by `ModernInputTests`, `RequestStateCipherTests`.
final class ParkedCallRegistry: Sendable {
    static let maximumPerOwner = 16

    private struct State {
        var calls: [CallID: ParkedCall] = [:]
        var counts: [SessionOwner: Int] = [:]
    }
    private let state = Mutex(State())

    /// - Returns: false if the caller has reached `maximumPerOwner` parked calls.
    func enter(_ call: ParkedCall) -> Bool {
        state.withLock { state in
            let count = state.counts[call.owner] ?? 0
            guard count < Self.maximumPerOwner else { return false }
            state.counts[call.owner] = count + 1
            state.calls[call.id] = call
            return true
        }
    }

    func leave(_ call: ParkedCall) {
        state.withLock { state in
            guard state.calls.removeValue(forKey: call.id) != nil else { return }
            let count = (state.counts[call.owner] ?? 1) - 1
            state.counts[call.owner] = count > 0 ? count : nil
        }
    }

    subscript(id: CallID) -> ParkedCall? { state.withLock { $0.calls[id] } }
}
