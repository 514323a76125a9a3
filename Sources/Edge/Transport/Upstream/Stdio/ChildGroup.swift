import CLinux
import InterlockPorts
import Synchronization

/// The processes of one child: its process group, or its sandbox. Its loop reaps it; any thread may end it, so that a
/// halt does not depend on a loop.
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
    let sandbox: (any ChildSandbox)?
    let network: ChildNetwork?
    private let state = Mutex(State.alive)

    init(_ child: LaunchedChild, _ network: ChildNetwork? = nil) {
        pid = child.pid
        pidfd = child.pidfd
        sandbox = child.sandbox
        self.network = network
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

    /// True if the child has ended, even if its loop has not reaped it yet. Of a sandbox nothing is left then, and
    /// nothing more leaves by its network.
    var isGone: Bool {
        guard network?.isStopped != false else { return false }
        return state.withLock { state in
            if case .reaped = state { return true }
            var one = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
            return unsafe poll(&one, 1, 0) == 1
        }
    }

    // INVARIANT: signals are sent only while the child is not reaped, since its number may be reused afterwards.

    func signal(_ number: Int32) {
        state.withLock { state in
            if case .reaped = state { return }
            send(number)
        }
    }

    private func send(_ number: Int32) {
        guard let sandbox else {
            _ = kill(-pid, number)
            return
        }
        guard number == SIGKILL else { return sandbox.terminate() }
        // The network first, so that nothing leaves after this.
        network?.stop()
        sandbox.kill()
    }

    /// Kills the launcher of a sandbox that has not ended although it was killed; the kernel then ends what is inside.
    func killLauncher() {
        state.withLock { state in
            if case .reaped = state { return }
            _ = kill(-pid, SIGKILL)
        }
    }

    /// Kills everything now.
    func halt() {
        state.withLock { state in
            if case .reaped = state { return }
            state = .halted
            send(SIGKILL)
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
