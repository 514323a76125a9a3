import CLinux
import InterlockPorts

/// Watches for a child's end and reaps it. Used on one loop.
final class ChildLife: EventSource, @unchecked Sendable {
    private let loop: EventLoop
    let group: ChildGroup
    private var onExit: ((String) -> Void)?

    /// - Parameter onExit: receives a description of the end; the child is reaped before.
    init(
        child: LaunchedChild, network: ChildNetwork?, loop: EventLoop,
        onExit: @escaping (String) -> Void
    ) {
        self.loop = loop
        group = ChildGroup(child, network)
        self.onExit = onExit
        super.init(descriptor: child.pidfd)
    }

    func start() {
        if !loop.add(self, events: EventBits.readable) { group.signal(SIGKILL) }
    }

    override func ready(_ events: UInt32) {
        guard let tell = onExit else { return }
        onExit = nil
        loop.remove(self)
        let descriptor = descriptor
        let how = group.reap {
            defer { SocketCalls.close(descriptor) }
            var information = unsafe siginfo_t()
            guard
                unsafe waitid(P_PIDFD, id_t(descriptor), &information, WEXITED | WNOHANG) == 0
            else { return "it ended" }
            let status = unsafe information._sifields._sigchld.si_status
            return switch unsafe information.si_code {
            case 1: "it exited with status \(status)"
            default: "it was ended by signal \(status)"
            }
        }
        // The status of a sandbox's launcher says more than its exit code, which a command may choose.
        tell(group.sandbox?.ending() ?? how)
    }
}
