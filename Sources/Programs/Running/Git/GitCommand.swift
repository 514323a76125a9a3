import InterlockCommandLine
package import InterlockPolicy
import InterlockPorts
package import InterlockSandbox

/// One command of Git in a sandbox of its own: without network, without secrets, without a path of the host that can be
/// written. A repository names programs that Git starts; they start inside.
package struct GitCommand: Sendable {
    /// Settings that start programs are switched off, although what they start would be inside too.
    package static let safeOptions = ["--no-pager"] + SafeGit.options
    private static let variables =
        SafeGit.variables + [("HOME", SandboxPath.home), ("LC_ALL", "C.UTF-8")]

    /// Returns the environment of Git with these variables added.
    package static func environment(
        _ more: [(name: String, value: String)] = []
    ) -> AgentEnvironment {
        AgentEnvironment(variables: variables + more)
    }

    /// - Parameters:
    ///   - id: what the file inside says that it is.
    ///   - folders: those of the project; unused in mode `none`.
    package static func sandbox(
        _ command: [String], id: String, wall: Duration, mode: SandboxWorkspace.Mode,
        _ folders: SandboxCompiler.Folders
    ) throws(RunRefusal) -> AgentSandbox {
        var settings = SandboxSettings.isolated
        settings.workspace.mode = mode
        settings.limits.wall = wall
        return try SandboxCompiler(RunSettings(settings), kept: [], caller: { _ in nil }).compile(
            id: id, command: command, folders, hasListeners: false)
    }

    /// The reason why a command has no result.
    package struct Failure: Hashable, Sendable {
        package enum Cause: Hashable, Sendable {
            /// Git failed, took too long, or wrote too much.
            case git
            /// Git is not installed.
            case missing
            case sandbox
        }

        package let cause: Cause
        package let message: String

        private init(_ cause: Cause, _ message: String) {
            (self.cause, self.message) = (cause, message)
        }

        /// - Returns: nil if the command ended with 0 and its output is whole.
        package init?(_ output: CapturedOutput, most: Int64, wall: Duration) {
            guard !output.isTooLarge else {
                self.init(.git, "the output of Git has more than \(most >> 20) MiB")
                return
            }
            switch output.status {
            case .exited(0): return nil
            case .exited(let code):
                let said = TerminalEscaping.shown(String(decoding: output.error, as: UTF8.self))
                self.init(.git, "Git ended with \(code): \(said)")
            case .notExecuted: self.init(.missing, "Git is not installed in `/usr`")
            case .wall: self.init(.git, "Git took more than \(wall.components.seconds) s")
            case .refused(let reason, let step, let errno):
                self.init(
                    .sandbox, "isolation is not available: \(reason) at \(step), errno \(errno)")
            case .failed(let step, let errno):
                self.init(.sandbox, "the sandbox cannot be set up: \(step), errno \(errno)")
            case .signalled, .lifeline, .started, .checked, .peak, nil:
                self.init(.git, "Git was ended before it was done")
            }
        }
    }
}
