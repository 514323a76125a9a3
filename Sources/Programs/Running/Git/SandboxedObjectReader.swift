package import InterlockCommandLine
import InterlockModel
import InterlockPolicy
import InterlockPorts
package import InterlockSafety
import InterlockSandbox
package import InterlockWorkspace
import InterlockWorkspaceFiles

/// Reads the objects of a project's repositories by a Git in a sandbox (docs/specs/coding-agents.md, section 11).
///
/// Objects are listed and read in a repository of the sandbox's own, which only uses the folder with the objects: no
/// configuration, reference or list of grafts of the project has a say. The project is seen whole, so a folder of objects
/// that is shared inside the project is read as well.
package struct SandboxedObjectReader: ObjectReader {
    /// The longest time of one command.
    private static let wall = Duration.seconds(900)
    private static let mostListBytes: Int64 = 512 << 20
    /// The memory of each process inside; a file that is stored as differences takes all of its size.
    private static let memory: Int64 = 4 << 30
    private static let project = SandboxCompiler.workspace
    private static let repository = "/repository"

    private let launcher: AgentLauncher
    private let root: String
    private let form: SandboxForm

    /// Chooses what makes the namespaces, as a run does.
    ///
    /// - Parameter project: the absolute path of the project, without links.
    package init(_ project: String) throws(Failure) {
        let form = SandboxForm(RunSettings(.isolated)) { form in SandboxTrial.failure(of: form) }
        do throws(ScanFailure) { try self.init(project, form: form) } catch {
            throw Failure(.internalError, "scan-failed: \(error)")
        }
    }

    /// - Parameters:
    ///   - project: the absolute path of the project, without links.
    ///   - form: that of the run; without namespaces, the launcher's own form is used.
    init(_ project: String, form: SandboxForm) throws(ScanFailure) {
        do throws(LaunchFailure) {
            launcher = AgentLauncher(path: try HostPaths.launcherBesideProgram())
        } catch { throw ScanFailure(.history, error.reason) }
        root = project
        self.form = form.hasNamespaces ? form : .own
    }

    package func list(
        _ store: ObjectStore, take: (Span<UInt8>) throws(ScanFailure) -> Void
    ) throws(ScanFailure) {
        try run(
            [
                "cat-file", "--batch-all-objects", "--unordered",
                "--batch-check=" + ObjectList.lineFormat,
            ], of: store, most: Self.mostListBytes, take: take)
    }

    package func read(
        _ blobs: [ListedBlob], of store: ObjectStore,
        take: (Span<UInt8>) throws(ScanFailure) -> Void
    ) throws(ScanFailure) {
        var input: [UInt8] = []
        input.reserveCapacity(blobs.count * (store.format.digits + 1))
        for blob in blobs { input += Array((blob.id.hex(store.format) + "\n").utf8) }
        try run(
            ["cat-file", "--batch", "--buffer"], of: store, input: input,
            most: ObjectStream.mostBytes(blobs), take: take)
    }

    package func names(
        of store: ObjectStore, take: (Span<UInt8>) throws(ScanFailure) -> Void
    ) throws(ScanFailure) {
        guard let folder = store.repository, let path = Self.path(of: folder) else { return }
        try run(
            [
                "rev-list", "--all", "--reflog", "--objects", "--in-commit-order", "--topo-order",
                "--reverse", "--missing=allow-any",
            ], [("GIT_DIR", path)], most: Self.mostListBytes, take: take)
    }

    private func run(
        _ command: [String], of store: ObjectStore, input: [UInt8] = [], most: Int64,
        take: (Span<UInt8>) throws(ScanFailure) -> Void
    ) throws(ScanFailure) {
        guard let path = Self.path(of: store.folder) else {
            throw ScanFailure(.history, "`\(store.folder.escaped)` is not a name in UTF-8")
        }
        let said = try run(
            command, [("GIT_DIR", Self.repository), ("GIT_OBJECT_DIRECTORY", path)],
            steps: Self.emptyRepository(store.format), input: input, most: most, take: take)
        // Git continues without a pack that it cannot read.
        if let complaint = Self.complaint(in: said) {
            throw ScanFailure(
                .history, "Git cannot read all of `\(store.folder.escaped)`: \(complaint)")
        }
    }

    /// - Returns: the first bytes of standard error.
    @discardableResult
    private func run(
        _ command: [String], _ variables: [(name: String, value: String)],
        steps: [SandboxTreeStep] = [], input: [UInt8] = [], most: Int64,
        take: (Span<UInt8>) throws(ScanFailure) -> Void
    ) throws(ScanFailure) -> [UInt8] {
        var sandbox: AgentSandbox
        do throws(RunRefusal) {
            sandbox = try GitCommand.sandbox(
                ["git"] + GitCommand.safeOptions + Self.options + command, id: "history",
                wall: Self.wall, mode: .none,
                SandboxCompiler.Folders(workspace: root, layer: "", caches: ""))
        } catch { throw ScanFailure(.history, error.outcome.message ?? error.outcome.reason) }
        sandbox.form = form
        sandbox.limits.append(.memory(Self.memory))
        sandbox.tree += steps
        sandbox.tree.append(
            .bind(source: root, target: Self.project, isWritable: false, isExecutable: false))
        var failure: ScanFailure?
        let output: CapturedOutput
        do throws(LaunchFailure) {
            output = try launcher.capture(
                sandbox, GitCommand.environment(variables), input: input, most: most
            ) { part in
                do throws(ScanFailure) { try take(part) } catch { failure = error }
                return failure == nil
            }
        } catch { throw ScanFailure(.history, error.reason) }
        if let failure { throw failure }
        if let failure = GitCommand.Failure(output, most: most, wall: Self.wall) {
            throw ScanFailure(.history, failure.message)
        }
        return output.error
    }

    /// Bounds what Git keeps of packs in memory, and reads them by their own lists.
    private static let options = [
        "-c", "core.packedGitWindowSize=64m", "-c", "core.packedGitLimit=1g", "-c",
        "core.multiPackIndex=false",
    ]

    private static func emptyRepository(_ format: ObjectFormat) -> [SandboxTreeStep] {
        let settings = """
            [core]
            \trepositoryformatversion = 1
            [extensions]
            \tobjectformat = \(format.rawValue)

            """
        return [
            .folder(target: repository, mode: 0o755),
            .folder(target: repository + "/refs", mode: 0o755),
            .file(
                target: repository + "/HEAD", mode: 0o644,
                content: Array("ref: refs/heads/none\n".utf8)),
            .file(target: repository + "/config", mode: 0o644, content: Array(settings.utf8)),
        ]
    }

    private static func path(of folder: WorkspacePath) -> String? {
        guard !folder.isRoot else { return project }
        return String(validating: folder.bytes, as: UTF8.self).map { "\(project)/\($0)" }
    }

    /// Returns the first line that does not speak of objects outside of the project: no run sees those.
    private static func complaint(in said: [UInt8]) -> String? {
        guard said.count < AgentLauncher.mostErrorBytes else { return "it complains of too much" }
        let text = String(decoding: said, as: UTF8.self)
        let lines = text.split(separator: "\n").filter { line in
            !line.hasPrefix("error: unable to normalize alternate object path: ")
                && !(line.hasPrefix("error: object directory ")
                    && line.hasSuffix("; check .git/objects/info/alternates"))
        }
        return lines.first.map { TerminalEscaping.shown(String($0)) }
    }
}
