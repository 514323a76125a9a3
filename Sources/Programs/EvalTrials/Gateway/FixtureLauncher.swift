import CLinux
import Glibc
import InterlockCommandLine
import InterlockPorts

/// Starts the real servers of a fixture, each in a process group of its own. They have no sandbox: like the command of
/// the agent, they are programs that the suite names and that run as the user who evaluates.
struct FixtureLauncher: ChildLauncher {
    func launch(_ command: ChildCommand) throws(LaunchFailure) -> LaunchedChild {
        var ends: [Int32] = [-1, -1, -1, -1, -1, -1]
        let hasPipes = unsafe ends.withUnsafeMutableBufferPointer { ends -> Bool in
            guard let start = ends.baseAddress else { return false }
            return unsafe pipe2(start, O_CLOEXEC) == 0 && pipe2(start + 2, O_CLOEXEC) == 0
                && pipe2(start + 4, O_CLOEXEC) == 0
        }
        func closeAll(_ descriptors: [Int32]) {
            for descriptor in descriptors where descriptor >= 0 { close(descriptor) }
        }
        guard hasPipes else {
            closeAll(ends)
            throw LaunchFailure(reason: "there are no pipes for a fixture server")
        }
        let (ours, theirs) = ([ends[1], ends[2], ends[4]], [ends[0], ends[3], ends[5]])
        let pid: pid_t
        do throws(Failure) {
            let found = try AgentCommand.path(of: command.argv.first ?? "")
            do throws(SpawnFailure) {
                pid = try Child.spawn(
                    found, command.argv,
                    environment: command.environment.map { "\($0.0)=\($0.1)" },
                    input: theirs[0], output: theirs[1], errors: theirs[2], leadsGroup: true)
            } catch {
                throw Failure(.unavailable, "the program cannot be started (\(error.code))")
            }
        } catch {
            closeAll(ends)
            throw LaunchFailure(reason: error.message)
        }
        closeAll(theirs)
        for descriptor in ours { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        let pidfd = pidfd_open(pid, 0)
        guard pidfd >= 0 else {
            _ = kill(-pid, SIGKILL)
            _ = Child.wait(for: pid)
            closeAll(ours)
            throw LaunchFailure(reason: "there is no descriptor for the process")
        }
        return LaunchedChild(
            pid: pid, pidfd: pidfd, stdin: ours[0], stdout: ours[1], stderr: ours[2])
    }
}
