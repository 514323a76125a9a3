import CLinux
import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import Synchronization

/// Starts children without a sandbox, for tests only.
final class TestLauncher: ChildLauncher {
    let launched = Mutex<[(command: ChildCommand, pid: Int32)]>([])

    func launch(_ command: ChildCommand) throws(LaunchFailure) -> LaunchedChild {
        let (input, output, errors) = (Self.pipe(), Self.pipe(), Self.pipe())
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, input.read, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output.write, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors.write, 2)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe command.argv.map {
            unsafe strdup($0)
        }
        unsafe arguments.append(nil)
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe command.environment.map {
            unsafe strdup("\($0.0)=\($0.1)")
        }
        unsafe environment.append(nil)
        var pid: pid_t = 0
        let status = unsafe posix_spawn(
            &pid, command.argv[0], &actions, &attributes, arguments, environment)
        let texts = unsafe arguments + environment
        for place in unsafe texts.indices { unsafe free(texts[place]) }
        for descriptor in [input.read, output.write, errors.write] { close(descriptor) }
        guard status == 0 else {
            for descriptor in [input.write, output.read, errors.read] { close(descriptor) }
            throw LaunchFailure(reason: "posix_spawn says \(status)")
        }
        launched.withLock { $0.append((command, pid)) }
        for descriptor in [input.write, output.read, errors.read] {
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        }
        return LaunchedChild(
            pid: pid, pidfd: pidfd_open(pid, 0), stdin: input.write, stdout: output.read,
            stderr: errors.read)
    }

    private static func pipe() -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        unsafe pipe2(&ends, O_CLOEXEC)
        return (ends[0], ends[1])
    }

    /// Returns true if a process of the group still exists.
    static func isAlive(_ pid: Int32) -> Bool { kill(-pid, 0) == 0 }
}
