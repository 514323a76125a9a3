import CLinux
import Synchronization

/// The process group of one child. Its loop reaps it; any thread may end it, so that a halt needs no loop.
final class ChildGroup: Sendable {
    private enum State {
        /// -> halted, reaped
        case alive
        /// -> reaped
        case halted
        case reaped(wasHalted: Bool)
    }

    private let pid: Int32
    /// Readable once the child has ended; closed by `reap`.
    private let pidfd: Int32
    private let state = Mutex(State.alive)

    init(pid: Int32, pidfd: Int32) {
        self.pid = pid
        self.pidfd = pidfd
    }

    /// Whether a halt has ended it: then its end is no fault of its own.
    var wasHalted: Bool {
        state.withLock {
            switch $0 {
            case .alive: false
            case .halted: true
            case .reaped(let wasHalted): wasHalted
            }
        }
    }

    /// Whether the child has ended, also if its loop has not reaped it yet.
    var isGone: Bool {
        state.withLock { state in
            if case .reaped = state { return true }
            var one = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
            return unsafe poll(&one, 1, 0) == 1
        }
    }

    // INVARIANT: signalled only while the child is not reaped, since its number may be another's afterwards.

    func signal(_ number: Int32) {
        state.withLock { state in
            if case .reaped = state { return }
            _ = kill(-pid, number)
        }
    }

    /// Ends the whole group now.
    func halt() {
        state.withLock { state in
            if case .reaped = state { return }
            state = .halted
            _ = kill(-pid, SIGKILL)
        }
    }

    /// - Parameter body: reaps the child and closes its descriptor.
    func reap<Value: Sendable>(_ body: () -> Value) -> Value {
        state.withLock { state in
            // The zombie still holds the number: what the child left behind in its group goes with it.
            _ = kill(-pid, SIGKILL)
            var wasHalted = false
            if case .halted = state { wasHalted = true }
            state = .reaped(wasHalted: wasHalted)
            return body()
        }
    }
}
