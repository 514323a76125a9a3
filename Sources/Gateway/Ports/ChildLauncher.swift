package import InterlockModel

/// Starts stdio servers behind walls. A command that cannot be walled in is not started at all.
package protocol ChildLauncher: Sendable {
    /// Returns as soon as the process exists; the caller owns the descriptors and reaps the child. Where the
    /// command has its reviewed code that is read first, which blocks: not on a loop.
    ///
    /// - Throws: `isOtherCode` when the code is not as reviewed; then nothing was started.
    func launch(_ command: ChildCommand) throws(LaunchFailure) -> LaunchedChild

    /// The same, off the caller's thread.
    func launchApart(_ command: ChildCommand) async -> Result<LaunchedChild, LaunchFailure>
}

extension ChildLauncher {
    package func launchApart(
        _ command: ChildCommand
    ) async -> Result<LaunchedChild, LaunchFailure> {
        do throws(LaunchFailure) { return .success(try launch(command)) } catch {
            return .failure(error)
        }
    }
}

package struct ChildCommand: Sendable {
    package let server: ServerName
    /// The agent whose calls this process will serve; nil for the gateway's own catalogue session.
    package let agent: AgentName?
    package let argv: [String]
    /// The whole environment of the child: nothing is inherited.
    package let environment: [(String, String)]
    /// As people reviewed it; nil where the lock has none, and nothing is checked.
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
    /// Readable when the child has ended.
    package let pidfd: Int32
    package let stdin: Int32
    package let stdout: Int32
    package let stderr: Int32
    /// Looks once more, off the caller's thread, whether code was written since it was checked, for interpreters
    /// read theirs after the start: one sentence, or nil where nothing was. nil where nothing was checked.
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
    /// The code of the command is not as reviewed: trying again is of no use.
    package let isOtherCode: Bool
    package init(reason: String, isOtherCode: Bool = false) {
        self.reason = reason
        self.isOtherCode = isOtherCode
    }
}
