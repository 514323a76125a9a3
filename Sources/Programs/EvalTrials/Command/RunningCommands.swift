import CLinux
import Glibc
package import InterlockCommandLine
import Synchronization

/// The process groups of commands under way. A signal that ends this program ends them first: a terminal sends its
/// signals to the foreground group alone, which they are no part of.
@safe package final class RunningCommands: Sendable {
    private let groups = Mutex<Set<pid_t>>([])

    /// Takes the signals that end a program from now on. Must be called only once in a process.
    package init() throws(Failure) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else {
            throw Failure(.internalError, "there is no pipe for signals")
        }
        unsafe signalEnd = ends[1]
        for number in [SIGTERM, SIGINT, SIGHUP] {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = unsafe write(signalEnd, &byte, 1)
            }
        }
        let readEnd = ends[0]
        guard startThread({ [self] in endAll(after: readEnd) }) else {
            throw Failure(.internalError, "there is no thread for signals")
        }
    }

    func add(_ group: pid_t) { _ = groups.withLock { $0.insert(group) } }
    func remove(_ group: pid_t) { _ = groups.withLock { $0.remove(group) } }

    /// Waits for a signal, kills all groups, and ends this process.
    private func endAll(after readEnd: Int32) {
        var byte: UInt8 = 0
        while unsafe read(readEnd, &byte, 1) < 0, errno == EINTR {}
        let number = Int32(byte)
        groups.withLock { groups in
            for group in groups { kill(-group, SIGKILL) }
            // The lock is held, so that no other command begins meanwhile.
            _exit(128 + number)
        }
    }
}

/// Written once before the handlers are set; only they read it.
private nonisolated(unsafe) var signalEnd: Int32 = -1
