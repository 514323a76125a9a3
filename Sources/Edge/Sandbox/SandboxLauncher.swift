import CLinux
import CSpawn
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Starts stdio servers through `interlock-launch`: separate user, mount, pid, ipc and network namespaces, covered
/// paths empty, the rest of the host read-only, no connections to unix sockets, no privilege escalation.
///
/// Every child ends with this object, or with the process that holds it, however that ends: all children watch one pipe
/// whose only write end is here.
package final class SandboxLauncher: ChildLauncher {
    private let shared: Mutex<SandboxConfiguration>
    private let lifeline: Pipe
    /// Nil if commands with reviewed code cannot be checked; they are then not started.
    private let hashing: (any Hashing)?
    /// True once a check has passed; a failed check is repeated, since the machine may be repaired.
    private let checked = Atomic<Bool>(false)

    /// - Throws: an error if no pipe can be created.
    package init(
        _ configuration: SandboxConfiguration, hashing: (any Hashing)? = nil
    ) throws(LaunchFailure) {
        shared = Mutex(configuration)
        self.hashing = hashing
        lifeline = try Pipe()
    }

    var configuration: SandboxConfiguration { shared.withLock { $0 } }

    /// Sets the additional access of children that are started from now on.
    package func setAccess(_ access: [ServerName: SandboxConfiguration.Access]) {
        shared.withLock { $0.access = access }
    }

    /// Adds the access of further servers' children.
    package func addAccess(_ access: [ServerName: SandboxConfiguration.Access]) {
        shared.withLock { $0.access.merge(access) { _, new in new } }
    }

    /// Returns the reason no child can be sandboxed on this machine, or nil. Sets up a sandbox and removes it, which
    /// blocks for a few milliseconds.
    package func unavailability() -> String? {
        do throws(LaunchFailure) {
            let places = try configuration.places(server: nil, program: nil)
            try check(places)
            checked.store(true, ordering: .relaxed)
            return nil
        } catch {
            return error.reason
        }
    }

    package func launch(_ command: ChildCommand) throws(LaunchFailure) -> LaunchedChild {
        guard command.argv.first?.isEmpty == false else {
            throw LaunchFailure(reason: "the command of `\(command.server.text)` is empty")
        }
        guard let reviewed = command.code else {
            return try launch(
                command.argv, command.environment, for: command.server, network: command.network)
        }
        return try launch(command, reviewed)
    }

    package func launchApart(
        _ command: ChildCommand
    ) async -> Result<LaunchedChild, LaunchFailure> {
        let launched = await apart { () -> Result<LaunchedChild, LaunchFailure> in
            do throws(LaunchFailure) { return .success(try self.launch(command)) } catch {
                return .failure(error)
            }
        }
        return launched ?? .failure(LaunchFailure(reason: "no thread is left"))
    }

    /// Executes exactly the file that was read: the program's descriptor stays open from its digest to its execution.
    private func launch(
        _ command: ChildCommand, _ reviewed: ProgramCode
    ) throws(LaunchFailure) -> LaunchedChild {
        guard let hashing else { throw LaunchFailure(reason: "no code can be checked here") }
        for part in reviewed.parts where !exists(part.path) {
            throw LaunchFailure(reason: "`\(part.path)`, which the lock names, is not there")
        }
        let reader = CodeReader(hashing: hashing)
        let directory = try configuration.places(
            server: command.server, program: command.argv.first
        ).directory
        var snapshot = try reader.look(
            command.argv, command.environment, in: directory, readsContents: true)
        let usesCaches: Bool
        switch reader.comparison(of: snapshot, with: reviewed) {
        case .asReviewed(let uses): usesCaches = uses
        case .differs(let difference):
            throw LaunchFailure(
                reason: "its code is not as in the lock: \(difference)", isOtherCode: true)
        }
        let stamp = snapshot.stamp(withCaches: usesCaches)
        let program = snapshot.file.takeDescriptor()
        defer { close(program) }
        return try launch(
            [snapshot.program] + command.argv.dropFirst(),
            usesCaches ? command.environment : Self.withoutCaches(command.environment),
            for: command.server, network: command.network, program: program
        ) {
            await apart {
                reader.changes(
                    since: stamp, withCaches: usesCaches, command.argv, command.environment,
                    in: directory)
            } ?? "no thread is left to check its code"
        }
    }

    private static func withoutCaches(_ environment: [(String, String)]) -> [(String, String)] {
        let variable = ProgramCode.withoutCachesVariable
        return environment.filter { $0.0 != variable.0 } + [variable]
    }

    /// - Parameter server: the server, or nil for a program of the gateway itself, which gets the common paths only.
    func launch(
        _ argv: [String], _ environment: [(String, String)], for server: ServerName?,
        network: ServerNetwork, program descriptor: Int32 = -1,
        changes: (@Sendable () async -> String?)? = nil
    ) throws(LaunchFailure) -> LaunchedChild {
        guard let program = argv.first, !program.isEmpty else {
            throw LaunchFailure(reason: "the command is empty")
        }
        if let server, let access = configuration.access[server], let listed = access.listed {
            return try launchListed(
                argv, environment, listed, access, network: network, program: descriptor,
                changes: changes)
        }
        if !checked.load(ordering: .relaxed), let reason = unavailability() {
            throw LaunchFailure(reason: reason)
        }
        let places = try configuration.places(server: server, program: program, network: network)
        var streams = try StandardStreams()
        let child = try spawn(
            places.arguments + ["--network", network.rawValue, "--lifeline", "3"]
                + (descriptor < 0 ? [] : ["--program", "4"]) + ["--"] + argv, environment,
            streams, lifeline: lifeline.readEnd, program: descriptor)
        streams.closeChildEnds()
        return LaunchedChild(
            pid: child.pid, pidfd: child.pidfd, stdin: streams.input.takeWriteEnd(),
            stdout: streams.output.takeReadEnd(), stderr: streams.error.takeReadEnd(),
            changes: changes)
    }

    private func check(_ places: SandboxPaths) throws(LaunchFailure) {
        var streams = try StandardStreams(blocking: true)
        let child = try spawn(
            places.arguments + ["--network", "none", "--check"], [], streams,
            lifeline: -1)
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
        _ streams: borrowing StandardStreams, lifeline: Int32, program: Int32 = -1
    ) throws(LaunchFailure) -> interlock_child {
        let path = configuration.launcher
        let argv = try CStringArray([path] + arguments)
        let envp = try CStringArray(environment: environment)
        var child = interlock_child(pid: -1, pidfd: -1)
        let error = unsafe interlock_spawn(
            path, argv.pointers, envp.pointers, streams.input.readEnd, streams.output.writeEnd,
            streams.error.writeEnd, lifeline, program, &child)
        guard error == 0 else {
            throw LaunchFailure(reason: "cannot start `\(path)`: \(describe(errno: error))")
        }
        return child
    }
}
