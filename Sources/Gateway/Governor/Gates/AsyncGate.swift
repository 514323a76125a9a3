import Synchronization

/// An asynchronous mutex that admits one task at a time, in the order of arrival. For steps that wait for the disk
/// between reading a state and writing it.
package final class AsyncGate: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    package init() {}

    /// Waits until the gate is free. Every `enter` needs its `leave`.
    package func enter() async {
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

    package func leave() {
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

/// One asynchronous mutex for each key. A gate exists while a task holds it or waits for it, so the number of gates is at
/// most the number of tasks that are inside or waiting.
package final class AsyncGates<Key: Hashable & Sendable>: Sendable {
    /// The tasks that wait at each gate that is taken, in the order of arrival.
    private let waiting = Mutex<[Key: [CheckedContinuation<Void, Never>]]>([:])

    package init() {}

    /// The number of gates that are taken.
    var count: Int { waiting.withLock(\.count) }
    package func waiting(at key: Key) -> Int { waiting.withLock { $0[key]?.count ?? 0 } }

    /// Waits until the gate of this key is free. Every `enter` needs its `leave`.
    package func enter(_ key: Key) async {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting[key] != nil else {
                    waiting[key] = []
                    return true
                }
                waiting[key]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Enters if the gate is free, and returns whether it did.
    package func tryEnter(_ key: Key) -> Bool {
        waiting.withLock { waiting in
            guard waiting[key] == nil else { return false }
            waiting[key] = []
            return true
        }
    }

    package func leave(_ key: Key) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard waiting[key]?.isEmpty == false else {
                waiting[key] = nil
                return nil
            }
            return waiting[key]?.removeFirst()
        }
        next?.resume()
    }
}
