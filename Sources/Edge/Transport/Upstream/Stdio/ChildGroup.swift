import CLinux
import Synchronization

/// The process group of one child. Its loop reaps it; any thread may end it, so that a halt does not depend on a loop.
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

    /// True if a halt has ended the child, so that its end is not counted as a fault.
    var wasHalted: Bool {
        state.withLock {
            switch $0 {
            case .alive: false
            case .halted: true
            case .reaped(let wasHalted): wasHalted
            }
        }
    }

    /// True if the child has ended, even if its loop has not reaped it yet.
    var isGone: Bool {
        state.withLock { state in
            if case .reaped = state { return true }
            var one = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
            return unsafe poll(&one, 1, 0) == 1
        }
    }

    // INVARIANT: signals are sent only while the child is not reaped, since its number may be reused afterwards.

    func signal(_ number: Int32) {
        state.withLock { state in
            if case .reaped = state { return }
            _ = kill(-pid, number)
        }
    }

    /// Kills the whole group now.
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
            // The zombie still holds the number: remaining processes of its group are killed with it.
            _ = kill(-pid, SIGKILL)
            var wasHalted = false
            if case .halted = state { wasHalted = true }
            state = .reaped(wasHalted: wasHalted)
            return body()
        }
    }
}
