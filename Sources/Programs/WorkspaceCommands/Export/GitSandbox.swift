import CLinux
import Glibc
import InterlockCommandLine
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockRunning
import InterlockSandbox
import InterlockWorkspaceFiles

/// Runs Git in a sandbox of its own: without network, without secrets, without a path of the host that can be written.
/// A repository that an agent wrote names programs that Git starts; they start inside and see what the agent saw.
struct GitSandbox {
    private let launcher: AgentLauncher
    private let folder: RunFolder
    private let run: RunID

    /// The longest time of one command.
    private static let wall = Duration.seconds(120)
    /// The mount of the project's own repository, for the look at its references alone.
    private static let repository = "/repository"

    init(_ folder: RunFolder) throws(Failure) {
        do throws(LaunchFailure) {
            launcher = AgentLauncher(path: try HostPaths.launcherBesideProgram())
        } catch { throw Failure(.unavailable, error.reason) }
        self.folder = folder
        run = folder.run
    }

    /// The objects that the references of the project's own repository name, without the run's changes. The run has
    /// written nothing of what this command reads.
    ///
    /// - Returns: at most `most`; empty if the project has no repository of its own.
    func references(most: Int) throws(Failure) -> [String] {
        let source = folder.projectPath + "/.git"
        guard HostTree.real.kind(source) == .folder else { return [] }
        var sandbox = try compiled(
            [
                "sh", "-c",
                "git for-each-ref --sort=-creatordate --count=\(most) --format='%(objectname)'; "
                    + "git rev-parse --verify --quiet HEAD; true",
            ], mode: .none)
        sandbox.tree.append(
            .bind(
                source: source, target: Self.repository, isWritable: false, isExecutable: false))
        let file = try TemporaryFile(in: folder.path)
        try capture(
            sandbox, to: file, most: 1 << 20, variables: [("GIT_DIR", Self.repository)])
        let text = String(decoding: try file.bytes(most: 1 << 20), as: UTF8.self)
        var found: [String] = []
        for line in text.split(separator: "\n") where !found.contains(String(line)) {
            guard Self.isObject(line) else {
                throw Failure(.data, "the references of the project's repository cannot be read")
            }
            found.append(String(line))
        }
        return found
    }

    /// Runs Git over the merged tree, which is only read, and keeps its output.
    ///
    /// - Parameter most: the most bytes of output.
    /// - Returns: the number of bytes in the file; 0 if there is no commit.
    func overMergedTree(
        _ arguments: [String], to file: borrowing TemporaryFile, most: Int64
    ) throws(Failure) -> Int64 {
        let sandbox = try compiled(["git"] + arguments, mode: .ro)
        return try capture(sandbox, to: file, most: most, variables: [])
    }

    private func compiled(
        _ command: [String], mode: SandboxWorkspace.Mode
    ) throws(Failure) -> AgentSandbox {
        var settings = SandboxSettings.isolated
        settings.workspace.mode = mode
        settings.limits.wall = Self.wall
        // The workspace was checked when the run began, and nothing else of the host is shown.
        let compiler = SandboxCompiler(RunSettings(settings), kept: [], caller: { _ in nil })
        do throws(RunRefusal) {
            return try compiler.compile(
                id: run.text, command: command,
                SandboxCompiler.Folders(
                    workspace: folder.projectPath, layer: folder.path, caches: folder.path),
                hasListeners: false)
        } catch { throw Failure(.internalError, error.outcome.message ?? error.outcome.reason) }
    }

    @discardableResult
    private func capture(
        _ sandbox: AgentSandbox, to file: borrowing TemporaryFile, most: Int64,
        variables: [(name: String, value: String)]
    ) throws(Failure) -> Int64 {
        let environment = AgentEnvironment(
            variables: [
                ("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", SandboxPath.home),
                ("LC_ALL", "C.UTF-8"), ("GIT_CONFIG_NOSYSTEM", "1"),
                ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_TERMINAL_PROMPT", "0"),
                ("GIT_OPTIONAL_LOCKS", "0"), ("GIT_NO_REPLACE_OBJECTS", "1"),
            ] + variables)
        let output: CapturedOutput
        do throws(LaunchFailure) {
            output = try launcher.capture(
                sandbox, environment, to: file.descriptor, most: most)
        } catch { throw Failure(.io, error.reason) }
        guard !output.isTooLarge else {
            throw Failure(.data, "the output of Git has more than \(most >> 20) MiB")
        }
        switch output.status {
        case .exited(0): return output.count
        case .exited(let code):
            let said = TerminalEscaping.shown(String(decoding: output.error, as: UTF8.self))
            // Git makes no bundle without a commit, and no patch with a byte.
            if said.contains("empty bundle") { return 0 }
            throw Failure(.data, "Git ended with \(code): \(said)")
        case .notExecuted: throw Failure(.unavailable, "Git is not installed in `/usr`")
        case .wall: throw Failure(.data, "Git took more than \(Self.wall.components.seconds) s")
        case .refused(let reason, let step, let errno):
            throw Failure(
                .internalError, "isolation is not available: \(reason) at \(step), errno \(errno)")
        case .failed(let step, let errno):
            throw Failure(.internalError, "the sandbox cannot be set up: \(step), errno \(errno)")
        case .signalled, .lifeline, .started, .checked, .peak, nil:
            throw Failure(.data, "Git was ended before it was done")
        }
    }

    /// True for the hexadecimal name of an object, SHA-1 or SHA-256.
    private static func isObject(_ line: Substring) -> Bool {
        [40, 64].contains(line.utf8.count)
            && line.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
