import CLinux
import InterlockGateway

/// Watches for a child's end, signals its process group, reaps it. On one loop.
final class ChildLife: EventSource, @unchecked Sendable {
    private let loop: EventLoop
    private let pid: Int32
    private var onExit: ((String) -> Void)?

    /// - Parameter onExit: gets how it ended, in words; the child is reaped by then.
    init(child: LaunchedChild, loop: EventLoop, onExit: @escaping (String) -> Void) {
        self.loop = loop
        pid = child.pid
        self.onExit = onExit
        super.init(descriptor: child.pidfd)
    }

    func start() {
        if !loop.add(self, events: EventBits.readable) { signalGroup(SIGKILL) }
    }

    /// INVARIANT: only while the child is not reaped, since its number may be another's afterwards.
    func signalGroup(_ signal: Int32) {
        if onExit != nil { _ = kill(-pid, signal) }
    }

    override func ready(_ events: UInt32) {
        guard let tell = onExit else { return }
        // What the child left behind in its group goes with it; the zombie still holds the number.
        signalGroup(SIGKILL)
        var information = unsafe siginfo_t()
        guard unsafe waitid(P_PIDFD, id_t(descriptor), &information, WEXITED | WNOHANG) == 0 else {
            return end(tell, "it ended")
        }
        let status = unsafe information._sifields._sigchld.si_status
        switch unsafe information.si_code {
        case 1: end(tell, "it exited with status \(status)")
        default: end(tell, "it was ended by signal \(status)")
        }
    }

    private func end(_ tell: (String) -> Void, _ how: String) {
        onExit = nil
        loop.remove(self)
        SocketCalls.close(descriptor)
        tell(how)
    }
}
