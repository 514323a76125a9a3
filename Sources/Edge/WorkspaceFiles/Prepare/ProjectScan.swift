import CLinux
import Glibc
import InterlockModel
import InterlockWorkspace

/// One walk over a project before a run: its entries with their digests, what must be hidden, and the configurations of
/// Git that must be replaced. Nothing is followed and nothing is written.
struct ProjectScan {
    /// Entries in deeper directories are hidden.
    static let deepest = 100

    private struct Inode: Hashable {
        let device: UInt64
        let number: UInt64
        init(_ status: stat) {
            device = UInt64(status.st_dev)
            number = UInt64(status.st_ino)
        }
    }

    private let names: HiddenNames
    private let hashing: any Hashing
    private var cache: HashCache
    private var reader = FileReader()
    private var device: UInt64 = 0
    private(set) var nodes: [WorkspacePath: TreeNode] = [:]
    /// The entries with several names, by inode.
    private var linked: [Inode: [WorkspacePath]] = [:]
    private var hiddenInodes: Set<Inode> = []
    /// The configurations of Git with what the agent sees in their place.
    private(set) var configurations: [WorkspacePath: (text: [UInt8], mode: UInt16)] = [:]
    /// Searches the contents of what is not hidden, or nil if no search is wanted.
    var inspection: ContentInspection?

    /// The states of the files whose digests are in the base; kept only for a copy.
    private(set) var scanned: [WorkspacePath: FileState] = [:]
    private let isForCopy: Bool

    init(
        _ names: HiddenNames, hashing: any Hashing, cache: HashCache, isForCopy: Bool = false
    ) {
        self.isForCopy = isForCopy
        self.names = names
        self.hashing = hashing
        self.cache = cache
    }

    mutating func scan(
        _ root: borrowing Descriptor
    ) throws(WorkspaceFailure) -> (base: TreeListing, cache: HashCache) {
        guard let status = status(root.number) else { throw .system("stat", .root, errno) }
        device = UInt64(status.st_dev)
        try walk(root, .root, depth: 0)
        hideLinks()
        guard let base = TreeListing(nodes.map { TreeEntry($0.key, $0.value) }) else {
            throw tooLarge
        }
        return (base, cache)
    }

    private var tooLarge: WorkspaceFailure {
        WorkspaceFailure(
            .tooLarge, "the workspace has more than \(TreeListing.mostEntries) entries")
    }

    private mutating func walk(
        _ folder: borrowing Descriptor, _ path: WorkspacePath, depth: Int
    ) throws(WorkspaceFailure) {
        guard let found = InterlockWorkspaceFiles.names(in: folder.number) else {
            throw .system("read", path, errno)
        }
        let isRepository = GitFiles.isRepository(names: found.map { $0[...] })
        for name in found {
            guard let entry = path.appending(name) else {
                throw WorkspaceFailure(.tooLarge, "a path below `\(path.escaped)` is too long")
            }
            guard nodes.count < TreeListing.mostEntries else { throw tooLarge }
            guard let status = status(folder.number, name) else {
                // It was removed since the directory was read.
                if errno == ENOENT { continue }
                throw .system("stat", entry, errno)
            }
            if status.kind != S_IFDIR, status.st_nlink > 1 {
                linked[Inode(status), default: []].append(entry)
            }
            guard !names.hides(name[...]) else {
                nodes[entry] = .hidden
                hide(folder, name, status, depth: depth)
                continue
            }
            // A mount is not part of the lower of an overlay.
            guard UInt64(status.st_dev) == device else {
                nodes[entry] = .hidden
                continue
            }
            nodes[entry] = try node(
                folder, name, entry, status, isRepository: isRepository, depth: depth)
        }
    }

    /// Notes the inodes of a hidden entry and of all below it: each of their other names is hidden too.
    private mutating func hide(
        _ folder: borrowing Descriptor, _ name: [UInt8], _ status: stat, depth: Int
    ) {
        guard status.kind == S_IFDIR else {
            hiddenInodes.insert(Inode(status))
            return
        }
        guard depth < Self.deepest,
            let below = Descriptor.entry(folder.number, name, O_RDONLY | O_DIRECTORY),
            let names = InterlockWorkspaceFiles.names(in: below.number)
        else { return }
        for name in names {
            guard let status = InterlockWorkspaceFiles.status(below.number, name) else { continue }
            hide(below, name, status, depth: depth + 1)
        }
    }

    private mutating func node(
        _ folder: borrowing Descriptor, _ name: [UInt8], _ path: WorkspacePath, _ status: stat,
        isRepository: Bool, depth: Int
    ) throws(WorkspaceFailure) -> TreeNode {
        let isConfiguration =
            GitFiles.isConfiguration(path)
            || (isRepository && name.elementsEqual("config".utf8))
        switch status.kind {
        case S_IFDIR:
            // A directory without rights for its owner could be opened inside by a change of its mode.
            guard depth < Self.deepest, access(status, R_OK | X_OK, folder.number, name),
                let below = Descriptor.entry(folder.number, name, O_RDONLY | O_DIRECTORY)
            else { return .hidden }
            try walk(below, path, depth: depth + 1)
            return .directory(mode: status.bits, isOpaque: false, hasAttributes: false)
        case S_IFLNK:
            // It would lead to a configuration that is not clean.
            if isConfiguration { return .hidden }
            guard let target = linkTarget(folder.number, name) else { return .hidden }
            return .link(target: target)
        case S_IFREG:
            guard let file = Descriptor.entry(folder.number, name, O_RDONLY) else {
                hiddenInodes.insert(Inode(status))
                return .hidden
            }
            if isConfiguration { try clean(file, path, status) }
            return try self.file(file, path)
        default: return .hidden
        }
    }

    private func access(
        _ status: stat, _ rights: Int32, _ folder: Int32, _ name: [UInt8]
    ) -> Bool {
        unsafe faccessat(folder, terminated(name), rights, AT_EACCESS) == 0
    }

    private mutating func file(
        _ file: borrowing Descriptor, _ path: WorkspacePath
    ) throws(WorkspaceFailure) -> TreeNode {
        guard let before = status(file.number), before.kind == S_IFREG else {
            throw WorkspaceFailure(.changed, "`\(path.escaped)` changes while it is read")
        }
        if let text = configurations[path]?.text {
            try inspection?.inspect(text: text, path)
        } else {
            try inspection?.inspect(file, before, path, &reader)
        }
        if isForCopy { scanned[path] = FileState(before) }
        let digest: Digest
        if let known = cache.digest(before) {
            digest = known
        } else {
            guard let read = reader.digest(file.number, hashing) else {
                throw .system("read", path, errno)
            }
            guard let after = status(file.number), after.isSame(before),
                read.size == Int64(before.st_size)
            else {
                throw WorkspaceFailure(.changed, "`\(path.escaped)` changes while it is read")
            }
            digest = read.digest
            cache.add(before, digest)
        }
        return .file(
            size: Int64(before.st_size), mode: before.bits, digest: digest, hasAttributes: false)
    }

    private mutating func clean(
        _ file: borrowing Descriptor, _ path: WorkspacePath, _ status: stat
    ) throws(WorkspaceFailure) {
        guard let bytes = contents(of: file.number, most: GitConfiguration.mostBytes) else {
            throw WorkspaceFailure(.invalid, "cannot read the Git configuration `\(path.escaped)`")
        }
        let cleaned: [UInt8]
        do throws(GitConfigurationError) {
            cleaned = try GitConfiguration(parsing: bytes).cleaned.text
        } catch {
            throw WorkspaceFailure(
                .invalid, "invalid Git configuration `\(path.escaped)`: line \(error.line)")
        }
        configurations[path] = (cleaned, status.bits & 0o644 | 0o600)
        // Another name of the file would show what was taken out.
        if status.st_nlink > 1 { hiddenInodes.insert(Inode(status)) }
    }

    /// Hides every other name of what is hidden.
    private mutating func hideLinks() {
        for inode in hiddenInodes {
            for path in linked[inode] ?? [] where configurations[path] == nil {
                nodes[path] = .hidden
            }
        }
        // Nothing below a hidden entry is part of the base.
        let hidden = Set(nodes.filter { $0.value == .hidden }.keys)
        guard !hidden.isEmpty else { return }
        nodes = nodes.filter { path, _ in !path.ancestors.contains(where: hidden.contains) }
        configurations = configurations.filter { path, _ in
            nodes[path] != nil && nodes[path] != .hidden
        }
    }
}
