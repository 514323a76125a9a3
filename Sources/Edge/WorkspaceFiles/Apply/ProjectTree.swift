import CLinux
import Glibc
import InterlockModel
import InterlockWorkspace

/// The project, to which changes are applied. Each path is opened from the root by openat2, so that a link that appears
/// in any component ends the step instead of leading it elsewhere.
struct ProjectTree: ~Copyable {
    private let root: Descriptor
    private let hashing: any Hashing
    private var reader = FileReader()

    init(_ root: consuming Descriptor, hashing: any Hashing) {
        self.root = root
        self.hashing = hashing
    }

    /// Returns the state of a path; absent if a directory above it is missing or is a file.
    ///
    /// - Throws: `link` if a component is a link, or the last one is and `mayBeLink` is false.
    mutating func find(
        _ path: WorkspacePath, mayBeLink: Bool
    ) throws(WorkspaceFailure) -> FoundEntry {
        guard let parent = Descriptor.beneath(root.number, path.parent, O_RDONLY | O_DIRECTORY)
        else {
            if errno == ENOENT || errno == ENOTDIR { return .absent }
            throw Self.failure("open", path.parent)
        }
        guard let status = status(parent.number, path.name) else {
            if errno == ENOENT { return .absent }
            throw Self.failure("stat", path)
        }
        switch status.kind {
        case S_IFDIR: return .directory(mode: status.bits)
        case S_IFLNK:
            guard mayBeLink else { throw Self.becameLink(path) }
            guard let target = linkTarget(parent.number, path.name) else {
                throw Self.failure("readlink", path)
            }
            return .link(target: target)
        case S_IFREG:
            guard let file = Descriptor.entry(parent.number, path.name, O_RDONLY) else {
                throw Self.failure("open", path)
            }
            guard let digest = reader.digest(file.number, hashing)?.digest else {
                throw Self.failure("read", path)
            }
            return .file(digest, mode: status.bits)
        default: return .other
        }
    }

    /// Opens the directory of a path, for a change of its entries.
    func parent(of path: WorkspacePath) throws(WorkspaceFailure) -> Descriptor {
        guard let parent = Descriptor.beneath(root.number, path.parent, O_RDONLY | O_DIRECTORY)
        else {
            if errno == ENOENT || errno == ENOTDIR { throw Self.changed(path.parent) }
            throw Self.failure("open", path.parent)
        }
        return parent
    }

    func open(_ path: WorkspacePath) throws(WorkspaceFailure) -> Descriptor {
        guard let opened = Descriptor.beneath(root.number, path, O_RDONLY | O_DIRECTORY) else {
            throw Self.failure("open", path)
        }
        return opened
    }

    static func becameLink(_ path: WorkspacePath) -> WorkspaceFailure {
        WorkspaceFailure(.link, "`\(path.escaped)` leads over a symbolic link that was not there")
    }

    static func changed(_ path: WorkspacePath) -> WorkspaceFailure {
        WorkspaceFailure(
            .changed, "`\(path.escaped)` was changed in the project since the start of the run")
    }

    /// Makes the failure of a call from `errno`.
    static func failure(_ call: String, _ path: WorkspacePath) -> WorkspaceFailure {
        errno == ELOOP ? becameLink(path) : .system(call, path, errno)
    }
}
