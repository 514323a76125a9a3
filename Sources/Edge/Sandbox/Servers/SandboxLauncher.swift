import CLinux
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Starts stdio servers through `interlock-launch --spec`: in namespaces of their own, with a file tree that has nothing
/// but what is listed, no connections to unix sockets, and no privilege escalation (docs/specs/sandbox.md, section 14).
///
/// Every child ends with its `ChildSandbox`, or with the process that holds it, however that ends.
package final class SandboxLauncher: ChildLauncher {
    private let shared: Mutex<SandboxConfiguration>
    /// Nil if commands with reviewed code cannot be checked; they are then not started.
    private let hashing: (any Hashing)?

    package init(_ configuration: SandboxConfiguration, hashing: (any Hashing)? = nil) {
        shared = Mutex(configuration)
        self.hashing = hashing
    }

    private var configuration: SandboxConfiguration { shared.withLock { $0 } }

    /// Sets the access of children that are started from now on.
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
        let configuration = configuration
        do throws(LaunchFailure) {
            // A server that does not tolerate a missing Landlock is refused when it is started.
            let access = SandboxConfiguration.Access(
                listed: ListedAccess(toleratesMissingLandlock: true))
            let tree = ListedTree(access: access, configuration: configuration, network: .own)
            for path in configuration.kept + configuration.covered { _ = try canonicalPath(path) }
            let failure = try AgentLauncher(path: configuration.launcher).failure(
                of: try tree.sandbox(id: Self.newID(), ["/usr/bin/true"], []))
            return failure.map { "no sandbox here: \($0)" }
        } catch {
            return error.reason
        }
    }

    package func launch(_ command: ChildCommand) throws(LaunchFailure) -> LaunchedChild {
        guard command.argv.first?.isEmpty == false else {
            throw LaunchFailure(reason: "the command of `\(command.server.text)` is empty")
        }
        let configuration = configuration
        guard let access = configuration.access[command.server] else {
            throw LaunchFailure(reason: "`\(command.server.text)` has no sandbox")
        }
        let tree = ListedTree(
            access: access, configuration: configuration, network: command.network)
        guard let reviewed = command.code else {
            return try start(command.argv, command.environment, in: tree)
        }
        return try launch(command, reviewed, in: tree)
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
        _ command: ChildCommand, _ reviewed: ProgramCode, in tree: ListedTree
    ) throws(LaunchFailure) -> LaunchedChild {
        guard let hashing else { throw LaunchFailure(reason: "no code can be checked here") }
        for part in reviewed.parts where !exists(part.path) {
            throw LaunchFailure(reason: "`\(part.path)`, which the lock names, is not there")
        }
        let reader = CodeReader(hashing: hashing)
        let directory = tree.access.directory
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
        return try start(
            [snapshot.program] + command.argv.dropFirst(),
            usesCaches ? command.environment : Self.withoutCaches(command.environment), in: tree,
            program: program
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
}
