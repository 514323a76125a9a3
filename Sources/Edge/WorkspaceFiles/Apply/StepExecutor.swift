import CLinux
import Glibc
import InterlockModel
import InterlockWorkspace

/// A point within an apply at which the process may die; tests end it there.
package enum ApplyPoint: Hashable, Sendable, CaseIterable {
    case journalWritten
    /// The temporary file of a step is complete and durable, and not in place.
    case temporaryWritten
    /// The step is made, and its directory not flushed.
    case made
    /// The step is durable, and not noted in the journal.
    case flushed
    case noted
    case beforeEnd
}

/// Makes one step in the project. The order within a step is: temporary file, fsync, rename, fsync of the directory. A
/// crash leaves the old entry, or the new one, and possibly a temporary file that the same step removes when repeated.
struct StepExecutor: ~Copyable {
    private var project: ProjectTree
    private let upper: Descriptor
    private let hashing: any Hashing
    private let reach: (ApplyPoint) throws(WorkspaceFailure) -> Void
    private var reader = FileReader()

    /// - Parameters:
    ///   - project: the root of the project.
    ///   - upper: the root of the upper, from which contents are taken.
    ///   - reach: called at each point; an error ends the step there, as a crash would.
    init(
        project: consuming Descriptor, upper: consuming Descriptor, hashing: any Hashing,
        reach: @escaping (ApplyPoint) throws(WorkspaceFailure) -> Void
    ) {
        self.project = ProjectTree(project, hashing: hashing)
        self.upper = upper
        self.hashing = hashing
        self.reach = reach
    }

    mutating func find(_ step: ApplyStep) throws(WorkspaceFailure) -> FoundEntry {
        var mayBeLink = false
        if case .link = step.expected { mayBeLink = true }
        if case .writeLink = step.action { mayBeLink = true }
        return try project.find(step.path, mayBeLink: mayBeLink)
    }

    /// - Parameter temporary: the name of the temporary file, in the directory of the path.
    mutating func make(
        _ step: ApplyStep, temporary: [UInt8]
    ) throws(WorkspaceFailure) {
        switch step.action {
        case .removeFile: try remove(step.path, flags: 0)
        case .removeDirectory: try remove(step.path, flags: AT_REMOVEDIR)
        case .makeDirectory(let mode): try makeDirectory(step.path, mode)
        case .setMode(let mode): try setMode(step.path, mode)
        case .writeLink(let target): try writeLink(step, target, temporary)
        case .writeFile(let digest, let size, let mode):
            try writeFile(step, digest, size, mode, temporary)
        }
    }

    private func remove(_ path: WorkspacePath, flags: Int32) throws(WorkspaceFailure) {
        let parent = try project.parent(of: path)
        let result = unsafe unlinkat(parent.number, terminated(path.name), flags)
        guard result == 0 else {
            // Something was put into the directory since the start of the run.
            if errno == ENOTEMPTY || errno == EEXIST { throw ProjectTree.changed(path) }
            throw ProjectTree.failure("remove", path)
        }
        try flush(parent, path)
    }

    private func makeDirectory(
        _ path: WorkspacePath, _ mode: UInt16
    ) throws(WorkspaceFailure) {
        let parent = try project.parent(of: path)
        let result = unsafe mkdirat(parent.number, terminated(path.name), 0o700)
        guard result == 0 else {
            if errno == EEXIST { throw ProjectTree.changed(path) }
            throw ProjectTree.failure("mkdir", path)
        }
        // The mask of the process does not apply to it.
        let made = try project.open(path)
        guard fchmod(made.number, mode_t(mode)) == 0 else {
            throw ProjectTree.failure("chmod", path)
        }
        try flush(parent, path)
    }

    private func setMode(_ path: WorkspacePath, _ mode: UInt16) throws(WorkspaceFailure) {
        let folder = try project.open(path)
        guard fchmod(folder.number, mode_t(mode)) == 0 else {
            throw ProjectTree.failure("chmod", path)
        }
        try flush(folder, path)
    }

    private mutating func writeLink(
        _ step: ApplyStep, _ target: [UInt8], _ temporary: [UInt8]
    ) throws(WorkspaceFailure) {
        let parent = try project.parent(of: step.path)
        discard(temporary, parent)
        let result = unsafe symlinkat(
            terminated(target), parent.number, terminated(temporary))
        guard result == 0 else { throw ProjectTree.failure("symlink", step.path) }
        try reach(.temporaryWritten)
        try place(step, temporary, parent)
    }

    private mutating func writeFile(
        _ step: ApplyStep, _ digest: Digest, _ size: Int64, _ mode: UInt16, _ temporary: [UInt8]
    ) throws(WorkspaceFailure) {
        let parent = try project.parent(of: step.path)
        discard(temporary, parent)
        guard
            let file = Descriptor.entry(
                parent.number, temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        else { throw ProjectTree.failure("create", step.path) }
        do throws(WorkspaceFailure) {
            try copy(step.path, digest, size, to: file.number)
            guard fchmod(file.number, mode_t(mode)) == 0 else {
                throw ProjectTree.failure("chmod", step.path)
            }
            guard fsync(file.number) == 0 else { throw ProjectTree.failure("fsync", step.path) }
        } catch {
            discard(temporary, parent)
            throw error
        }
        try reach(.temporaryWritten)
        try place(step, temporary, parent)
    }

    /// Copies the content from the upper, which must be the reviewed one.
    private mutating func copy(
        _ path: WorkspacePath, _ digest: Digest, _ size: Int64, to file: Int32
    ) throws(WorkspaceFailure) {
        guard let source = Descriptor.beneath(upper.number, path, O_RDONLY),
            status(source.number)?.kind == S_IFREG
        else { throw Self.notReviewed(path) }
        var isWritten = true
        var count: Int64 = 0
        var isRead = false
        let found = hashing.sha256 { take in
            let read = reader.read(source.number) { part in
                take(part)
                count += Int64(part.count)
                // Bytes beyond the reviewed size are not written.
                if isWritten, count <= size { isWritten = write(file, part) }
            }
            isRead = read != nil
        }
        guard isRead else { throw .system("read", path, errno) }
        guard isWritten else { throw .system("write", path, errno) }
        guard found == digest, count == size else { throw Self.notReviewed(path) }
    }

    private static func notReviewed(_ path: WorkspacePath) -> WorkspaceFailure {
        WorkspaceFailure(.changed, "`\(path.escaped)` is not as it was reviewed")
    }

    /// Puts a temporary entry in place. It is compared once more with what is expected there: time has passed.
    private mutating func place(
        _ step: ApplyStep, _ temporary: [UInt8], _ parent: borrowing Descriptor
    ) throws(WorkspaceFailure) {
        do throws(WorkspaceFailure) {
            guard step.verdict(try find(step)) == .perform else {
                throw ProjectTree.changed(step.path)
            }
            // Nothing is replaced where nothing is expected.
            let flags = step.expected == .absent ? interlock_rename_noreplace : 0
            let result = unsafe renameat2(
                parent.number, terminated(temporary), parent.number, terminated(step.path.name),
                flags)
            guard result == 0 else {
                if errno == EEXIST || errno == EISDIR || errno == ENOTDIR {
                    throw ProjectTree.changed(step.path)
                }
                throw ProjectTree.failure("rename", step.path)
            }
        } catch {
            discard(temporary, parent)
            throw error
        }
        try flush(parent, step.path)
    }

    private func flush(
        _ folder: borrowing Descriptor, _ path: WorkspacePath
    ) throws(WorkspaceFailure) {
        try reach(.made)
        guard fsync(folder.number) == 0 else { throw ProjectTree.failure("fsync", path) }
        try reach(.flushed)
    }

    /// Removes the temporary entry, if there is one.
    private func discard(_ temporary: [UInt8], _ parent: borrowing Descriptor) {
        _ = unsafe unlinkat(parent.number, terminated(temporary), 0)
    }
}
