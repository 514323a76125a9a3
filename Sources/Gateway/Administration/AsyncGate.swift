import Synchronization

/// An asynchronous mutex that admits one task at a time, in the order of arrival. For steps that wait for the disk
/// between reading a state and writing it.
final class AsyncGate: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    /// Waits until the gate is free. Every `enter` needs its `leave`.
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

    /// Enters if the gate is free, and returns whether it did.
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

/// One gate per key, created on first use and never removed.
struct AsyncGates<Key: Hashable & Sendable>: Sendable {
    private var gates: [Key: AsyncGate] = [:]

    mutating func gate(of key: Key) -> AsyncGate {
        if let gate = gates[key] { return gate }
        let gate = AsyncGate()
        gates[key] = gate
        return gate
    }
}
