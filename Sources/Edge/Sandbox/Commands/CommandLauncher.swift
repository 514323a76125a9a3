import CLinux
import CSpawn
package import InterlockPorts
import Synchronization

/// Starts programs of the gateway's own through `interlock-launch`, such as one that prints a secret: separate user,
/// mount, pid and ipc namespaces, the host's network, its tree read-only with the gateway's own files covered, no
/// connections to unix sockets, no privilege escalation. Stdio servers are started by `SandboxLauncher`.
///
/// Every child ends with this object, or with the process that holds it, however that ends: all children watch one pipe
/// whose only write end is here.
package final class CommandLauncher: Sendable {
    private let path: String
    private let kept: [String]
    private let lifeline: Pipe
    /// True once a check has passed; a failed check is repeated, since the machine may be repaired.
    private let checked = Atomic<Bool>(false)

    /// - Parameters:
    ///   - launcher: the path of `interlock-launch`.
    ///   - kept: the absolute paths of state, secrets and tokens of the gateway itself, which no program may see.
    /// - Throws: an error if no pipe can be created.
    package init(launcher: String, kept: [String]) throws(LaunchFailure) {
        path = launcher
        self.kept = kept
        lifeline = try Pipe()
    }

    /// Returns the reason no program can be sandboxed on this machine, or nil. Sets up a sandbox and removes it, which
    /// blocks for a few milliseconds.
    func unavailability() -> String? {
        do throws(LaunchFailure) {
            try check(try CommandPaths(kept: kept, program: nil))
            checked.store(true, ordering: .relaxed)
            return nil
        } catch {
            return error.reason
        }
    }

    /// The caller owns the descriptors and reaps the child.
    ///
    /// - Parameter environment: the whole environment of the child: nothing is inherited.
    func launch(
        _ argv: [String], _ environment: [(String, String)]
    ) throws(LaunchFailure) -> LaunchedChild {
        guard let program = argv.first, !program.isEmpty else {
            throw LaunchFailure(reason: "the command is empty")
        }
        if !checked.load(ordering: .relaxed), let reason = unavailability() {
            throw LaunchFailure(reason: reason)
        }
        let paths = try CommandPaths(kept: kept, program: program)
        var streams = try StandardStreams()
        let child = try spawn(
            paths.arguments + ["--lifeline", "3", "--"] + argv, environment, streams,
            lifeline: lifeline.readEnd)
        streams.closeChildEnds()
        return LaunchedChild(
            pid: child.pid, pidfd: child.pidfd, stdin: streams.input.takeWriteEnd(),
            stdout: streams.output.takeReadEnd(), stderr: streams.error.takeReadEnd())
    }

    private func check(_ paths: CommandPaths) throws(LaunchFailure) {
        var streams = try StandardStreams(blocking: true)
        let child = try spawn(paths.arguments + ["--check"], [], streams, lifeline: -1)
        streams.closeChildEnds()
        let complaint = streams.error.readAll(limit: 4096)
        let code = try ChildExit.wait(pidfd: child.pidfd)
        close(child.pidfd)
        guard code != 0 else { return }
        throw LaunchFailure(
            reason: complaint.isEmpty
                ? "the launcher ended with \(code)" : "no sandbox here: \(complaint)")
    }

    private func spawn(
        _ arguments: [String], _ environment: [(String, String)],
        _ streams: borrowing StandardStreams, lifeline: Int32
    ) throws(LaunchFailure) -> interlock_child {
        let argv = try CStringArray([path] + arguments)
        let envp = try CStringArray(environment: environment)
        let sources = [
            streams.input.readEnd, streams.output.writeEnd, streams.error.writeEnd, lifeline,
        ]
        var child = interlock_child(pid: -1, pidfd: -1)
        let error = unsafe interlock_spawn_with(
            path, argv.pointers, envp.pointers, sources, Int32(sources.count), &child)
        guard error == 0 else {
            throw LaunchFailure(reason: "cannot start `\(path)`: \(describe(errno: error))")
        }
        return child
    }
}
