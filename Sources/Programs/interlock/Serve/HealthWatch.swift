import InterlockGateway
import InterlockModel
import InterlockStore
import InterlockTransport

/// Asks each event loop for a sign of life and tries out the store, once a second. A task of its own that waits for
/// none of them, so that one which hangs is noticed.
struct HealthWatch: Sendable {
    private let task: Task<Void, Never>

    init(_ gateway: Gateway, _ loops: LoopGroup, _ store: SQLiteStore) {
        let clock = gateway.clock
        let beats = loops.loops.enumerated().map { number, loop in
            (loop, gateway.heartbeats.begin("events \(number + 1)", at: clock.boot))
        }
        task = Task {
            while !Task.isCancelled {
                for (loop, beat) in beats { loop.post { beat.beat(at: clock.boot) } }
                gateway.watchStore(store)
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    func stop() { task.cancel() }
}
