import CLaunch
import CLinux
import CSpawn
import Glibc
package import InterlockPorts
import Synchronization

/// A running launcher. Everything inside ends when this process ends, or once the lifeline is closed.
package final class LaunchedAgent: Sendable {
    /// The number of the launcher, which is also that of its process group.
    package let pid: Int32
    /// Becomes readable when the launcher has ended.
    package let pidfd: Int32
    /// The read end of the launcher's status lines.
    package let status: Int32
    /// Becomes readable when the launcher hands something over.
    package let handover: Int32
    /// True if everything inside ends with pid 1, even without the launcher.
    let hasNamespaces: Bool
    private let lifeline: Mutex<Int32>
    let firstProcess = Mutex<Int32>(-1)

    /// A message of the launcher with descriptors.
    package enum Handover: Sendable {
        /// The pidfd of pid 1, which this object keeps.
        case firstProcess
        /// The listening sockets of HTTP and of SOCKS5, which the caller closes.
        case listeners(http: Int32, socks: Int32)
        /// The launcher has closed its end.
        case ended
    }

    init(
        pid: Int32, pidfd: Int32, handover: Int32, lifeline: Int32, status: Int32,
        hasNamespaces: Bool
    ) {
        self.pid = pid
        self.hasNamespaces = hasNamespaces
        self.pidfd = pidfd
        self.handover = handover
        self.lifeline = Mutex(lifeline)
        self.status = status
    }

    deinit {
        closeLifeline()
        for descriptor in [pidfd, handover, status, firstProcess.withLock { $0 }]
        where descriptor >= 0 { close(descriptor) }
    }

    /// Receives one message; blocks until there is one.
    ///
    /// - Throws: an error for any message other than the launcher's.
    package func receive() throws(LaunchFailure) -> Handover {
        var byte: UInt8 = 0
        var found: [Int32] = [-1, -1]
        let count = unsafe interlock_receive(handover, &byte, &found, Int32(found.count))
        if count == -EPIPE { return .ended }
        switch (Int(byte), count) {
        case (INTERLOCK_HANDOVER_PIDFD, 1):
            firstProcess.withLock { $0 = found[0] }
            return .firstProcess
        case (INTERLOCK_HANDOVER_LISTENERS, 2):
            return .listeners(http: found[0], socks: found[1])
        default:
            for descriptor in found.prefix(Int(max(0, count))) { close(descriptor) }
            throw LaunchFailure(reason: "the launcher handed over what was not expected")
        }
    }

    /// Kills everything inside: pid 1 by its pidfd, and by the end of the lifeline. Returns at once.
    package func kill() {
        let process = firstProcess.withLock { $0 }
        if process >= 0 { _ = interlock_signal_pidfd(process, SIGKILL) }
        closeLifeline()
    }

    /// Sends SIGTERM to the command, through pid 1. Does nothing until pid 1 is known.
    package func terminate() {
        let process = firstProcess.withLock { $0 }
        if process >= 0 { _ = interlock_signal_pidfd(process, SIGTERM) }
    }

    /// Kills the launcher itself, which ends everything inside too; for a launcher that does not end. Without namespaces
    /// it does nothing: that launcher is what kills the processes that are left.
    package func killLauncher() {
        if hasNamespaces { _ = interlock_signal_pidfd(pidfd, SIGKILL) }
    }

    /// The number of processes that are known to be left: pid 1 if it has not ended, and the launcher. When pid 1 has
    /// ended, the kernel has ended all processes of its namespace.
    package var left: Int {
        [pidfd, firstProcess.withLock { $0 }].count { descriptor in
            guard descriptor >= 0 else { return false }
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return unsafe poll(&polled, 1, 0) == 0
        }
    }

    /// The exit code of the launcher, and the processor time of it and its children.
    package struct End: Sendable {
        package let code: Int32
        /// Microseconds.
        package let processorTime: Int64
    }

    /// Blocks until the launcher has ended, and reaps it. Called once.
    package func reap() throws(LaunchFailure) -> End {
        var (code, time): (Int32, Int64) = (0, 0)
        let result = unsafe interlock_reap_usage(pidfd, &code, &time)
        guard result == 1 else {
            throw LaunchFailure(reason: "cannot reap the launcher: \(describe(errno: -result))")
        }
        return End(code: code, processorTime: time)
    }

    private func closeLifeline() {
        lifeline.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }
}
