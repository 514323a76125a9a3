import InterlockCommandLine
import InterlockCredentials
import InterlockModel
import InterlockRunning
import InterlockSandboxes
import InterlockWorkspaceFiles

/// The commits of a run as a patch or a bundle, whole and not shown yet (docs/specs/sandbox.md, section 6). The agent
/// chose every byte of it.
struct WorkspaceExport: ~Copyable {
    let file: TemporaryFile
    let request: WorkspaceExportRequest

    private static let mostBytes: Int64 = 256 << 20
    /// The most references of the project whose commits are left out.
    private static let mostReferences = 500

    init(_ folder: RunFolder, _ format: WorkspaceExportRequest.Format) throws(Failure) {
        let git = try GitSandbox(folder)
        let known = try git.references(most: Self.mostReferences)
        let file = try TemporaryFile(in: folder.path)
        let count = try git.overMergedTree(
            Self.arguments(format, without: known), to: file, most: Self.mostBytes)
        guard count > 0 else {
            throw Failure(.notFound, "run \(folder.run.text) has made no commits")
        }
        let hashing = OpenSSLHashing()
        let digest = try hashing.sha256 { take throws(Failure) in try file.read(take) }
        self.file = file
        request = WorkspaceExportRequest(format: format, bytes: count, digest: digest)
    }

    private static func arguments(
        _ format: WorkspaceExportRequest.Format, without known: [String]
    ) -> [String] {
        let common = GitCommand.safeOptions
        let left = known.isEmpty ? [] : ["--not"] + known
        switch format {
        case .patch:
            return common + [
                "format-patch", "--stdout", "--root", "--no-ext-diff", "--no-textconv",
                "--no-signature", "--ignore-missing", "HEAD",
            ] + left
        case .bundle:
            return common + ["bundle", "create", "--quiet", "-", "--ignore-missing", "--all"]
                + left
        }
    }
}
