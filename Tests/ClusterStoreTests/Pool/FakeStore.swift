import Glibc
import Synchronization

@testable import InterlockClusterStore

/// A store without a server. The text of a statement says what becomes of it: `wait` waits until it is released, an
/// SQLSTATE fails with it, `unknown` is lost, and any other text is answered with itself.
final class FakeStore: Sendable {
    struct Call: Hashable, Sendable {
        let statement: String
        /// The number of the connection, from 1.
        let connection: Int
        let limit: Duration
    }

    private struct State {
        var calls: [Call] = []
        var connections = 0
        var closed = 0
        /// The attempts to connect that fail.
        var failures = 0
        var attempts = 0
        var isReleased = false
        var waiting = 0
    }

    private let state = Mutex(State())

    var calls: [Call] { state.withLock { $0.calls } }
    var connections: Int { state.withLock { $0.connections } }
    var closed: Int { state.withLock { $0.closed } }
    var attempts: Int { state.withLock { $0.attempts } }
    /// The calls that wait at this moment.
    var waiting: Int { state.withLock { $0.waiting } }

    func fail(_ attempts: Int) { state.withLock { $0.failures = attempts } }
    func release() { state.withLock { $0.isReleased = true } }

    func connect() throws(StoreCallFailure) -> any PooledConnection {
        let number: Int? = state.withLock { state in
            state.attempts += 1
            guard state.failures == 0 else {
                state.failures -= 1
                return nil
            }
            state.connections += 1
            return state.connections
        }
        guard let number else { throw .unknown("cannot connect") }
        return FakeConnection(self, number)
    }

    private static func isCode(_ text: String) -> Bool {
        text.utf8.count == 5 && text.allSatisfy { $0.isNumber || $0.isUppercase }
    }

    fileprivate func close() { state.withLock { $0.closed += 1 } }

    fileprivate func run(
        _ statement: String, _ connection: Int, _ limit: Duration
    ) throws(StoreCallFailure) -> [[StoreColumn]] {
        state.withLock {
            $0.calls.append(Call(statement: statement, connection: connection, limit: limit))
        }
        switch statement {
        case "wait":
            state.withLock { $0.waiting += 1 }
            while !state.withLock({ $0.isReleased }) { usleep(500) }
            state.withLock { $0.waiting -= 1 }
        case "unknown": throw .unknown("lost")
        case _ where Self.isCode(statement):
            throw StoreCallFailure(code: statement, reason: "a reason")
        default: break
        }
        return [[.text(statement)]]
    }
}

private final class FakeConnection: PooledConnection {
    private let store: FakeStore
    private let number: Int

    init(_ store: FakeStore, _ number: Int) {
        self.store = store
        self.number = number
    }

    deinit { store.close() }

    func run(
        _ statement: String, _ values: [StoreValue], within limit: Duration
    ) throws(StoreCallFailure) -> [[StoreColumn]] {
        try store.run(statement, number, limit)
    }
}
