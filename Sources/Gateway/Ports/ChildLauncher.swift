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
    /// The sandbox that the kernel ends as a whole; nil if the child is a process group alone.
    package let sandbox: (any ChildSandbox)?

    package init(
        pid: Int32, pidfd: Int32, stdin: Int32, stdout: Int32, stderr: Int32,
        sandbox: (any ChildSandbox)? = nil, changes: (@Sendable () async -> String?)? = nil
    ) {
        self.pid = pid
        self.pidfd = pidfd
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.sandbox = sandbox
        self.changes = changes
    }
}

/// The sandbox of one child, whose process is the launcher outside. May be used from any thread.
package protocol ChildSandbox: AnyObject, Sendable {
    /// Names the sandbox in records; new for each launch.
    var id: RunID { get }

    /// Kills everything inside, and returns at once. The child's process ends after all of it: until its pidfd is
    /// readable something may be left.
    func kill()

    /// Sends SIGTERM to the command, if it was executed.
    func terminate()

    /// Becomes readable when `takeListeners` can be called; nil if nothing inside leads to a proxy.
    var handover: Int32? { get }

    /// Receives what the launcher hands over. Must be called only when `handover` is readable; may have to be called
    /// more than once.
    ///
    /// - Throws: an error if nothing more will come.
    func takeListeners() throws(LaunchFailure) -> ProxyListeners?

    /// Returns how the child ended, in one lower-case sentence, or nil if the launcher did not report it. Called once,
    /// after its end.
    func ending() -> String?
}

/// The two listening sockets of a child's network, which the receiver closes.
package struct ProxyListeners: Sendable {
    package let http: Int32
    package let socks: Int32

    package init(http: Int32, socks: Int32) {
        self.http = http
        self.socks = socks
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
