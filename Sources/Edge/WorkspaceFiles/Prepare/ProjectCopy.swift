import CLinux
import Glibc
import InterlockWorkspace

/// Copies a project for a run without an overlay, as it was scanned: hidden entries are left out, and each configuration
/// of Git is a clean one (docs/specs/sandbox.md, section 10). The project is only read.
///
/// INVARIANT: each file of the copy has the content that the base lists, and nothing else is in it; any failure ends the
/// start of the run. Kept by `ProjectCopyTests`.
struct ProjectCopy {
    let base: TreeListing
    /// The clean configurations by path.
    let configurations: [WorkspacePath: (text: [UInt8], mode: UInt16)]
    /// The states of the scanned files.
    let scanned: [WorkspacePath: FileState]
    private var sharesBlocks = true

    /// The least bytes that a copy leaves to the user on its file system.
    private static let leastFreeBytes = UpperUsage.leastFreeBytes

    init(
        _ base: TreeListing, configurations: [WorkspacePath: (text: [UInt8], mode: UInt16)],
        scanned: [WorkspacePath: FileState]
    ) {
        self.base = base
        self.configurations = configurations
        self.scanned = scanned
    }

    /// - Parameter copy: an empty directory.
    /// - Throws: `changed` if a file is not as it was scanned.
    mutating func make(
        project: borrowing Descriptor, copy: borrowing Descriptor
    ) throws(WorkspaceFailure) {
        var folders: [(path: WorkspacePath, mode: UInt16)] = []
        for entry in base.entries {
            switch entry.node {
            case .directory(let mode, _, _):
                let parent = try parent(of: entry.path, copy)
                guard unsafe mkdirat(parent.number, terminated(entry.path.name), 0o700) == 0 else {
                    throw .system("mkdir", entry.path, errno)
                }
                folders.append((entry.path, mode))
            case .link(let target):
                let parent = try parent(of: entry.path, copy)
                let result = unsafe symlinkat(
                    terminated(target), parent.number, terminated(entry.path.name))
                guard result == 0 else { throw .system("symlink", entry.path, errno) }
            case .file(_, let mode, _, _):
                let parent = try parent(of: entry.path, copy)
                guard
                    let file = Descriptor.entry(
                        parent.number, entry.path.name, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
                else { throw .system("open", entry.path, errno) }
                if let configuration = configurations[entry.path] {
                    guard InterlockWorkspaceFiles.write(file.number, configuration.text.span) else {
                        throw .system("write", entry.path, errno)
                    }
                    try setMode(file, configuration.mode, entry.path)
                } else {
                    try fill(file, project, entry.path)
                    try setMode(file, mode, entry.path)
                }
            case .hidden, .whiteout, .special: break
            }
        }
        // A directory gets its mode once everything is in it.
        for folder in folders.reversed() {
            guard
                let opened = Descriptor.beneath(copy.number, folder.path, O_RDONLY | O_DIRECTORY)
            else { throw .system("open", folder.path, errno) }
            try setMode(opened, folder.mode, folder.path)
        }
    }

    private func parent(
        of path: WorkspacePath, _ copy: borrowing Descriptor
    ) throws(WorkspaceFailure) -> Descriptor {
        guard let parent = Descriptor.beneath(copy.number, path.parent, O_RDONLY | O_DIRECTORY)
        else { throw .system("open", path.parent, errno) }
        return parent
    }

    /// Set-id bits are left out: the copy belongs to the user, whatever it is a copy of.
    private func setMode(
        _ file: borrowing Descriptor, _ mode: UInt16, _ path: WorkspacePath
    ) throws(WorkspaceFailure) {
        guard fchmod(file.number, mode_t(mode & 0o1777)) == 0 else {
            throw .system("chmod", path, errno)
        }
    }

    private mutating func fill(
        _ file: borrowing Descriptor, _ project: borrowing Descriptor, _ path: WorkspacePath
    ) throws(WorkspaceFailure) {
        let changed = WorkspaceFailure(.changed, "`\(path.escaped)` changes while it is copied")
        guard let source = Descriptor.beneath(project.number, path, O_RDONLY),
            let before = status(source.number), before.kind == S_IFREG,
            scanned[path] == FileState(before)
        else { throw changed }
        if !clone(source, file) { try copy(source, file, Int64(before.st_size), path) }
        guard let after = status(source.number), after.isSame(before) else { throw changed }
        // Builds compare the times of files.
        var times = [
            timespec(tv_sec: 0, tv_nsec: Int(interlock_utime_omit)), before.st_mtim,
        ]
        guard unsafe futimens(file.number, &times) == 0 else {
            throw .system("utimens", path, errno)
        }
    }

    private mutating func clone(
        _ source: borrowing Descriptor, _ file: borrowing Descriptor
    ) -> Bool {
        guard sharesBlocks else { return false }
        sharesBlocks = ioctl(file.number, interlock_clone_request, source.number) == 0
        return sharesBlocks
    }

    private func copy(
        _ source: borrowing Descriptor, _ file: borrowing Descriptor, _ size: Int64,
        _ path: WorkspacePath
    ) throws(WorkspaceFailure) {
        guard let free = UpperUsage.freeBytes(of: file), free - size >= Self.leastFreeBytes else {
            throw WorkspaceFailure(
                .system, "the copy of the project would leave less than 1 GiB on its disk")
        }
        var left = size
        while left > 0 {
            let count = copy_file_range(
                source.number, nil, file.number, nil, Int(clamping: min(left, 1 << 30)), 0)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP {
                return try write(source, file, from: size - left, path)
            }
            guard count >= 0 else { throw .system("copy", path, errno) }
            guard count > 0 else { return }
            left -= Int64(count)
        }
    }

    /// Copies by reading, for file systems that cannot copy by themselves.
    private func write(
        _ source: borrowing Descriptor, _ file: borrowing Descriptor, from start: Int64,
        _ path: WorkspacePath
    ) throws(WorkspaceFailure) {
        var reader = FileReader()
        var (offset, isWritten) = (Int64(0), true)
        let number = file.number
        let count = reader.read(source.number) { part in
            let skipped = Int(clamping: max(0, min(start - offset, Int64(part.count))))
            offset += Int64(part.count)
            isWritten =
                isWritten
                && InterlockWorkspaceFiles.write(number, part.extracting(skipped..<part.count))
        }
        guard count != nil, isWritten else { throw .system("write", path, errno) }
    }
}

/// The state of a file that tells whether it was written since.
struct FileState: Hashable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let times: [Int]

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        times = [
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
            status.st_ctim.tv_nsec,
        ]
    }
}
