import Synchronization

/// One at a time, in the order of arrival: for steps that wait for the disk between reading a state and
/// writing it.
final class AsyncGate: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    /// Every `enter` needs its `leave`.
    func enter() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.isTaken else {
                    state.isTaken = true
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Enters if nobody is inside.
    func tryEnter() -> Bool {
        state.withLock { state in
            defer { state.isTaken = true }
            return !state.isTaken
        }
    }

    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}

/// A gate of its own for each key, made when it is first asked for; none is ever taken away.
struct AsyncGates<Key: Hashable & Sendable>: Sendable {
    private var gates: [Key: AsyncGate] = [:]

    mutating func gate(of key: Key) -> AsyncGate {
        if let gate = gates[key] { return gate }
        let gate = AsyncGate()
        gates[key] = gate
        return gate
    }
}
