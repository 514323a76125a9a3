import CLinux
import Glibc
package import InterlockModel
package import InterlockWorkspace

/// Prepares the upper of a run: a whiteout for each hidden entry, a clean copy of each configuration of Git
/// (docs/specs/sandbox.md, section 6). The project is only read.
///
/// INVARIANT: what was not put in the upper is not hidden, so any failure ends the start of the run. Kept by
/// `PreparationTests`.
package struct WorkspacePreparation {
    private let hidden: HiddenNames
    private let hashing: any Hashing

    package init(hidden: HiddenNames, hashing: any Hashing) {
        self.hidden = hidden
        self.hashing = hashing
    }

    package struct Result {
        /// The project, with what is hidden.
        package let base: TreeListing
        /// The upper as it was left: what is in it is no change.
        package let prepared: TreeListing
        package let cache: HashCache

        /// The hidden entries, in the order of their paths.
        package var hidden: [WorkspacePath] {
            base.entries.filter { $0.node == .hidden }.map(\.path)
        }
    }

    /// Makes a whole copy of the project, for a run without an overlay.
    ///
    /// - Parameters:
    ///   - project: the root of the project.
    ///   - copy: an empty directory.
    package func copy(
        project: borrowing Descriptor, to copy: borrowing Descriptor, cache: HashCache
    ) throws(WorkspaceFailure) -> Result {
        guard names(in: copy.number, most: 1)?.isEmpty == true else {
            throw WorkspaceFailure(.invalid, "the copy of the run is not empty")
        }
        var scan = ProjectScan(hidden, hashing: hashing, cache: cache, isForCopy: true)
        let (base, cache) = try scan.scan(project)
        guard let root = status(project.number) else { throw .system("stat", .root, errno) }
        var made = ProjectCopy(
            base, configurations: scan.configurations, scanned: scan.scanned)
        try made.make(project: project, copy: copy)
        guard fchmod(copy.number, root.st_mode & 0o777 | 0o700) == 0 else {
            throw .system("chmod", .root, errno)
        }
        let clean = scan.configurations.mapValues { one in
            TreeNode.file(
                size: Int64(one.text.count), mode: one.mode, digest: hashing.sha256(one.text),
                hasAttributes: false)
        }
        return Result(base: base, prepared: base.copied(replacing: clean), cache: cache)
    }

    /// - Parameters:
    ///   - project: the root of the project.
    ///   - upper: an empty directory, which becomes the upper of an overlay on the project.
    package func prepare(
        project: borrowing Descriptor, upper: borrowing Descriptor, cache: HashCache
    ) throws(WorkspaceFailure) -> Result {
        guard names(in: upper.number, most: 1)?.isEmpty == true else {
            throw WorkspaceFailure(.invalid, "the upper of the run is not empty")
        }
        var scan = ProjectScan(hidden, hashing: hashing, cache: cache)
        let (base, cache) = try scan.scan(project)
        // The root of the merged tree has the mode of the upper.
        guard let root = status(project.number), fchmod(upper.number, root.st_mode & 0o7777) == 0
        else { throw .system("chmod", .root, errno) }
        var folders: [WorkspacePath: UInt16] = [:]
        let placed =
            base.entries.filter { $0.node == .hidden }.map(\.path)
            + scan.configurations.keys
        for path in placed.sorted() {
            for folder in path.ancestors.reversed() where folders[folder] == nil {
                guard case .directory(let mode, _, _) = base[folder] else { continue }
                folders[folder] = mode
                try make(folder, in: upper)
            }
            if let configuration = scan.configurations[path] {
                try write(configuration.text, configuration.mode, path, in: upper)
            } else {
                try whiteOut(path, in: upper)
            }
        }
        // A directory gets its mode once everything is in it.
        for (folder, mode) in folders.sorted(by: { $0.key > $1.key }) {
            guard let opened = Descriptor.beneath(upper.number, folder, O_RDONLY | O_DIRECTORY),
                fchmod(opened.number, mode_t(mode)) == 0
            else { throw .system("chmod", folder, errno) }
        }
        let prepared = try UpperWalk(hashing: hashing).walk(upper)
        return Result(base: base, prepared: prepared, cache: cache)
    }

    private func parent(
        of path: WorkspacePath, _ upper: borrowing Descriptor
    ) throws(WorkspaceFailure) -> Descriptor {
        guard
            let parent = Descriptor.beneath(upper.number, path.parent, O_RDONLY | O_DIRECTORY)
        else { throw .system("open", path.parent, errno) }
        return parent
    }

    private func make(
        _ folder: WorkspacePath, in upper: borrowing Descriptor
    ) throws(WorkspaceFailure) {
        let parent = try parent(of: folder, upper)
        let result = unsafe mkdirat(parent.number, terminated(folder.name), 0o700)
        guard result == 0 else { throw .system("mkdir", folder, errno) }
    }

    private func whiteOut(
        _ path: WorkspacePath, in upper: borrowing Descriptor
    ) throws(WorkspaceFailure) {
        let parent = try parent(of: path, upper)
        let result = unsafe interlock_make_whiteout(parent.number, terminated(path.name))
        guard result == 0 else { throw .system("whiteout", path, errno) }
    }

    private func write(
        _ text: [UInt8], _ mode: UInt16, _ path: WorkspacePath, in upper: borrowing Descriptor
    ) throws(WorkspaceFailure) {
        let parent = try parent(of: path, upper)
        guard
            let file = Descriptor.entry(
                parent.number, path.name, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600),
            InterlockWorkspaceFiles.write(file.number, text.span),
            fchmod(file.number, mode_t(mode)) == 0
        else { throw .system("write", path, errno) }
    }
}
