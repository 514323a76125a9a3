import CLinux
import Glibc
import InterlockJSON
package import InterlockModel
package import InterlockWorkspace

/// The folder of a run's workspace, `state/runs/RUN/layer`: `upper` and `work` of the overlay, or in `upper` a copy of the
/// project, `base` and `prepared` (listings), `workspace.json`, `journal` and `lock`. Only the user who started the run can enter it.
package struct RunFolder: Sendable {
    package let path: String
    package let run: RunID
    /// The absolute path of the project, without links.
    package let projectPath: String
    /// The digest of the text of `base`.
    package let baseDigest: Digest
    private let projectDevice: UInt64
    private let projectInode: UInt64
    /// True if `upper` is a whole copy of the project, for a run without an overlay.
    package let isCopy: Bool

    private static let description = "workspace.json"
    private static let upperName = "upper"
    private static let workName = "work"
    private static let base = "base"
    private static let prepared = "prepared"

    /// The path of the upper, for the mount of the overlay.
    package var upperPath: String { path + "/" + Self.upperName }
    /// The path of the work folder, for the mount of the overlay.
    package var workPath: String { path + "/" + Self.workName }

    /// Makes the folder of a run, with `upper` and `work`, as far as they do not exist, and prepares the upper, which must
    /// be empty. What a failure leaves is removed by `discard`.
    ///
    /// - Parameters:
    ///   - path: the folder; the folder above it exists.
    ///   - project: the absolute path of the project, without links.
    ///   - isCopy: whether the project is copied, for a run without an overlay.
    package static func prepare(
        _ path: String, run: RunID, project: String, hidden: HiddenNames, cache: HashCache,
        hashing: any Hashing, isCopy: Bool = false
    ) throws(WorkspaceFailure) -> (folder: RunFolder, prepared: WorkspacePreparation.Result) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw WorkspaceFailure(.system, "cannot make `\(path)`: \(describe(errno))")
        }
        let folder = try Descriptor(folder: path)
        guard unsafe faccessat(folder.number, description, F_OK, 0) != 0 else {
            throw WorkspaceFailure(.busy, "the workspace of run \(run.text) is prepared already")
        }
        for name in [upperName, workName] {
            guard unsafe mkdirat(folder.number, name, 0o700) == 0 || errno == EEXIST else {
                throw WorkspaceFailure(.system, "cannot make `\(name)`: \(describe(errno))")
            }
        }
        let root = try Descriptor(project: project)
        guard let status = status(root.number) else { throw .system("stat", .root, errno) }
        guard let upper = Descriptor.entry(folder.number, upperName.utf8, O_RDONLY | O_DIRECTORY)
        else { throw invalid(upperName) }
        let preparation = WorkspacePreparation(hidden: hidden, hashing: hashing)
        let result =
            isCopy
            ? try preparation.copy(project: root, to: upper, cache: cache)
            : try preparation.prepare(project: root, upper: upper, cache: cache)
        let text = result.base.text
        let made = RunFolder(
            path: path, run: run, projectPath: project, baseDigest: hashing.sha256(text),
            projectDevice: UInt64(status.st_dev), projectInode: UInt64(status.st_ino),
            isCopy: isCopy)
        try replace(folder, base, text)
        try replace(folder, prepared, result.prepared.text)
        try replace(folder, description, made.json.serialized() + [UInt8(ascii: "\n")])
        return (made, result)
    }

    private init(
        path: String, run: RunID, projectPath: String, baseDigest: Digest, projectDevice: UInt64,
        projectInode: UInt64, isCopy: Bool
    ) {
        self.isCopy = isCopy
        (self.path, self.run, self.projectPath) = (path, run, projectPath)
        self.baseDigest = baseDigest
        (self.projectDevice, self.projectInode) = (projectDevice, projectInode)
    }

    /// Opens the folder of a run.
    package init(opening path: String, run: RunID) throws(WorkspaceFailure) {
        let folder = try Descriptor(folder: path)
        guard let bytes = contents(folder, Self.description, most: 64 << 10) else {
            throw WorkspaceFailure(.notFound, "run \(run.text) has no workspace")
        }
        let limits = JSONLimits(depth: 2, bytes: 64 << 10, values: 16)
        guard let value = try? JSONValue(parsing: bytes, limits: limits),
            value["run"]?.string == run.text, value["workspace"]?.integer == 1,
            let project = value["project"]?.string, project.hasPrefix("/"),
            let base = value["base"]?.string.flatMap({ Digest(prefixed: $0) }),
            let device = value["device"]?.string.flatMap({ UInt64($0) }),
            let inode = value["inode"]?.string.flatMap({ UInt64($0) }),
            let form = Form(rawValue: value["form"]?.string ?? Form.overlay.rawValue)
        else { throw Self.invalid(Self.description) }
        self.init(
            path: path, run: run, projectPath: project, baseDigest: base, projectDevice: device,
            projectInode: inode, isCopy: form == .copy)
    }

    /// The word of the description.
    private enum Form: String { case overlay, copy }

    private var json: JSONValue {
        [
            "workspace": 1, "run": .string(run.text), "project": .string(projectPath),
            "base": .string(baseDigest.prefixed), "device": .string(String(projectDevice)),
            "inode": .string(String(projectInode)),
            "form": .string((isCopy ? Form.copy : .overlay).rawValue),
        ]
    }

    private static func invalid(_ name: String) -> WorkspaceFailure {
        WorkspaceFailure(.invalid, "`\(name)` of the run is not as it was written")
    }

    func descriptor() throws(WorkspaceFailure) -> Descriptor { try Descriptor(folder: path) }
    /// Opens the folder of the run itself, for measures.
    package func whole() throws(WorkspaceFailure) -> Descriptor { try descriptor() }

    package func upper() throws(WorkspaceFailure) -> Descriptor {
        let folder = try descriptor()
        guard
            let upper = Descriptor.entry(
                folder.number, Self.upperName.utf8, O_RDONLY | O_DIRECTORY)
        else { throw Self.invalid(Self.upperName) }
        return upper
    }

    /// Opens the root of the project, which must be the directory that it was at the start of the run.
    package func project() throws(WorkspaceFailure) -> Descriptor {
        let root = try Descriptor(project: projectPath)
        guard let status = status(root.number), UInt64(status.st_dev) == projectDevice,
            UInt64(status.st_ino) == projectInode
        else {
            throw WorkspaceFailure(.changed, "`\(projectPath)` is not the directory of the run")
        }
        return root
    }

    /// The trees of which the diff is made. The upper is read anew; the run must be over.
    package func trees(hashing: any Hashing) throws(WorkspaceFailure) -> WorkspaceTrees {
        let folder = try descriptor()
        let base = try listing(Self.base, folder, hashing, baseDigest)
        let prepared = try listing(Self.prepared, folder, hashing, nil)
        return WorkspaceTrees(
            base: base, prepared: prepared,
            upper: try UpperWalk(hashing: hashing).walk(try upper()), isCopy: isCopy)
    }

    package func diff(hashing: any Hashing) throws(WorkspaceFailure) -> WorkspaceDiff {
        WorkspaceDiff(
            run: run, base: baseDigest, changes: try trees(hashing: hashing).changes())
    }

    private func listing(
        _ name: String, _ folder: borrowing Descriptor, _ hashing: any Hashing, _ digest: Digest?
    ) throws(WorkspaceFailure) -> TreeListing {
        guard let text = contents(folder, name, most: TreeListing.mostBytes),
            digest.map({ $0 == hashing.sha256(text) }) ?? true,
            let listing = try? TreeListing(parsing: text)
        else { throw Self.invalid(name) }
        return listing
    }
}
