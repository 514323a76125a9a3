import CLinux
import Glibc
package import InterlockModel
package import InterlockWorkspace

/// Reads an upper, which an agent wrote: nothing is followed, nothing is opened that is no file or directory, and what
/// cannot be read is special. The run must be over.
package struct UpperWalk {
    /// Directories that are deeper are special.
    package static let deepest = 200
    /// The most bytes of all files together; a sparse file counts in full.
    package static let mostBytes: Int64 = 64 << 30

    private let hashing: any Hashing
    private var reader = FileReader()
    private var entries: [TreeEntry] = []
    private var bytes: Int64 = 0

    package init(hashing: any Hashing) { self.hashing = hashing }

    package consuming func walk(
        _ upper: borrowing Descriptor
    ) throws(WorkspaceFailure) -> TreeListing {
        var walk = self
        try walk.read(upper.number, .root, depth: 0)
        guard let listing = TreeListing(walk.entries) else { throw Self.tooLarge }
        return listing
    }

    private static var tooLarge: WorkspaceFailure {
        WorkspaceFailure(
            .tooLarge,
            "the changes have more than \(TreeListing.mostEntries) entries or \(mostBytes >> 30) GiB"
        )
    }

    private mutating func read(
        _ folder: Int32, _ path: WorkspacePath, depth: Int
    ) throws(WorkspaceFailure) {
        guard let names = names(in: folder) else {
            if errno == ENOMEM { throw Self.tooLarge }
            throw .system("read", path, errno)
        }
        for name in names {
            guard entries.count < TreeListing.mostEntries else { throw Self.tooLarge }
            guard let entry = path.appending(name) else {
                throw WorkspaceFailure(.tooLarge, "a path below `\(path.escaped)` is too long")
            }
            guard let status = status(folder, name) else { throw .system("stat", entry, errno) }
            try add(folder, name, entry, status, depth: depth)
        }
    }

    private mutating func add(
        _ folder: Int32, _ name: [UInt8], _ path: WorkspacePath, _ status: stat, depth: Int
    ) throws(WorkspaceFailure) {
        func note(_ node: TreeNode) { entries.append(TreeEntry(path, node)) }
        switch status.kind {
        case S_IFDIR:
            guard let opened = Descriptor.entry(folder, name, O_RDONLY | O_DIRECTORY),
                let attributes = AttributeNames(of: opened.number)
            else { return note(.special(.unreadable)) }
            if let special = attributes.special { return note(.special(special)) }
            guard depth < Self.deepest else { return note(.special(.tooDeep)) }
            note(
                .directory(
                    mode: status.bits, isOpaque: attributes.isOpaque,
                    hasAttributes: attributes.hasOwn))
            try read(opened.number, path, depth: depth + 1)
        case S_IFREG:
            bytes += max(0, Int64(status.st_size))
            guard bytes <= Self.mostBytes else { throw Self.tooLarge }
            guard let file = Descriptor.entry(folder, name, O_RDONLY),
                let attributes = AttributeNames(of: file.number)
            else { return note(.special(.unreadable)) }
            if let special = attributes.special ?? (attributes.isOpaque ? .overlayAttribute : nil) {
                return note(.special(special))
            }
            guard let read = reader.digest(file.number, hashing) else {
                return note(.special(.unreadable))
            }
            note(
                .file(
                    size: read.size, mode: status.bits, digest: read.digest,
                    hasAttributes: attributes.hasOwn))
        case S_IFLNK:
            guard let target = linkTarget(folder, name) else {
                return note(.special(.unreadable))
            }
            note(.link(target: target))
        default: note(status.isWhiteout ? .whiteout : .special(status.specialKind))
        }
    }
}

extension AttributeNames {
    private static let mostBytes = 64 << 10

    /// - Returns: nil if they cannot be read.
    init?(of descriptor: Int32) {
        self.init()
        let size = flistxattr(descriptor, nil, 0)
        if size == 0 { return }
        // A file system without attributes has none of an overlay either.
        guard size > 0, size <= Self.mostBytes else {
            if size < 0, errno == ENOTSUP { return }
            return nil
        }
        var list = [CChar](repeating: 0, count: size)
        let count = unsafe flistxattr(descriptor, &list, size)
        guard count >= 0 else { return nil }
        for name in list.prefix(count).split(separator: 0) {
            let text = String(
                decoding: name.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text == "user.overlay.opaque" else {
                add(text)
                continue
            }
            var value = [UInt8](repeating: 0, count: 8)
            let length = unsafe fgetxattr(descriptor, text, &value, value.count)
            guard length >= 0 else { return nil }
            add(text, value: Array(value.prefix(length)))
        }
    }
}
