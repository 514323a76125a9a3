import CLinux
import Glibc
import InterlockCommandLine
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockProvenance
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
            guard GitObjectID(line) != nil else {
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
        do throws(RunRefusal) {
            // The workspace was checked when the run began, and nothing else of the host is shown.
            return try GitCommand.sandbox(
                command, id: run.text, wall: Self.wall, mode: mode,
                SandboxCompiler.Folders(
                    workspace: folder.projectPath, layer: folder.path, caches: folder.path))
        } catch { throw Failure(.internalError, error.outcome.message ?? error.outcome.reason) }
    }

    @discardableResult
    private func capture(
        _ sandbox: AgentSandbox, to file: borrowing TemporaryFile, most: Int64,
        variables: [(name: String, value: String)]
    ) throws(Failure) -> Int64 {
        let output: CapturedOutput
        do throws(LaunchFailure) {
            output = try launcher.capture(
                sandbox, GitCommand.environment(variables), to: file.descriptor, most: most)
        } catch { throw Failure(.io, error.reason) }
        guard let failure = GitCommand.Failure(output, most: most, wall: Self.wall) else {
            return output.count
        }
        // Git makes no bundle without a commit, and no patch with a byte.
        if failure.cause == .git, failure.message.contains("empty bundle") { return 0 }
        let exit: Exit =
            switch failure.cause {
            case .git: .data
            case .missing: .unavailable
            case .sandbox: .internalError
            }
        throw Failure(exit, failure.message)
    }
}
