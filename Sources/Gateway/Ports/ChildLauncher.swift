package import InterlockModel
import Synchronization

/// Starts stdio servers in a sandbox. A command that cannot be sandboxed is not started.
package protocol ChildLauncher: Sendable {
    /// Returns as soon as the process exists; the caller owns the descriptors and reaps the child. If the command has
    /// reviewed code, the code is read first, which blocks: must not be called on an event loop.
    ///
    /// - Throws: `isOtherCode` if the code differs from the reviewed code; then nothing was started.
    func launch(_ command: ChildCommand) throws(LaunchFailure) -> LaunchedChild

    /// Does the same as `launch`, off the caller's thread.
    func launchApart(_ command: ChildCommand) async -> Result<LaunchedChild, LaunchFailure>
}

extension ChildLauncher {
    package func launchApart(_ command: ChildCommand) async -> Result<LaunchedChild, LaunchFailure>
    {
        do throws(LaunchFailure) { return .success(try launch(command)) } catch {
            return .failure(error)
        }
    }
}

package struct ChildCommand: Sendable {
    package let server: ServerName
    /// The agent whose calls this process will serve, or nil for the gateway's own catalogue session.
    package let agent: AgentName?
    package let argv: [String]
    /// The whole environment of the child: nothing is inherited.
    package let environment: [(String, String)]
    /// The reviewed code, or nil if the lock lists none; then nothing is checked.
    package let code: ProgramCode?
    package let network: ServerNetwork

    package init(
        server: ServerName, agent: AgentName?, argv: [String], environment: [(String, String)],
        code: ProgramCode? = nil, network: ServerNetwork = .own
    ) {
        self.server = server
        self.agent = agent
        self.argv = argv
        self.environment = environment
        self.code = code
        self.network = network
    }
}

/// A running child; the descriptors are non-blocking and close on exec.
package struct LaunchedChild: Sendable {
    package let pid: Int32
    /// Becomes readable when the child has ended.
    package let pidfd: Int32
    package let stdin: Int32
    package let stdout: Int32
    package let stderr: Int32
    /// Checks again, off the caller's thread, whether code was written since it was checked, because interpreters read
    /// their code after the start. Returns one sentence, or nil if nothing changed. Is nil if no code was checked.
    package let changes: (@Sendable () async -> String?)?

    package init(
        pid: Int32, pidfd: Int32, stdin: Int32, stdout: Int32, stderr: Int32,
        changes: (@Sendable () async -> String?)? = nil
    ) {
        self.pid = pid
        self.pidfd = pidfd
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.changes = changes
    }
}

package struct LaunchFailure: Error, Sendable {
    package let reason: String
    /// The code of the command differs from the reviewed code: a retry cannot succeed.
    package let isOtherCode: Bool
    package init(reason: String, isOtherCode: Bool = false) {
        self.reason = reason
        self.isOtherCode = isOtherCode
    }
}

/// Counts the sessions whose children a halt has ended, until each child and its whole process group are gone.
package final class EndingChildren: Sendable {
    private let checks = Mutex<[@Sendable () -> Bool]>([])

    package init() {}

    /// The number of sessions with a child that is not gone.
    package var left: Int {
        checks.withLock { checks in
            checks.removeAll { $0() }
            return checks.count
        }
    }

    /// - Parameter areGone: whether a session's children are gone; called until it returns true, and must not block.
    package func add(_ areGone: @escaping @Sendable () -> Bool) {
        checks.withLock { $0.append(areGone) }
    }
}
