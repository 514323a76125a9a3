import CLinux
import Glibc
import InterlockWorkspace

/// An open file or directory, closed at the end of its life.
package struct Descriptor: ~Copyable {
    package let number: Int32

    /// Takes over the descriptor.
    ///
    /// - Returns: nil if it is negative.
    init?(_ number: Int32) {
        guard number >= 0 else { return nil }
        self.number = number
    }

    deinit { close(number) }

    /// Opens a directory of the deployment, whose path may lead over links.
    package init(folder path: String) throws(WorkspaceFailure) {
        try self.init(path, unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    }

    /// Opens the root of a project by a path without a link in any component.
    package init(project path: String) throws(WorkspaceFailure) {
        try self.init(path, unsafe interlock_open_unlinked(path, O_RDONLY | O_DIRECTORY))
    }

    private init(_ path: String, _ number: Int32) throws(WorkspaceFailure) {
        guard number >= 0 else {
            let code: WorkspaceFailure.Code = errno == ENOENT ? .notFound : .system
            throw WorkspaceFailure(code, "cannot open `\(path)`: \(describe(errno))")
        }
        self.number = number
    }

    /// Opens an entry of a directory, without following a link and without waiting for a writer.
    ///
    /// - Returns: nil with `errno`.
    static func entry(
        _ directory: Int32, _ name: some Collection<UInt8>, _ flags: Int32, mode: mode_t = 0
    ) -> Descriptor? {
        Descriptor(
            unsafe openat(
                directory, terminated(name), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode))
    }

    /// Opens a path below a directory: no component may be a link. The root of the path is the directory itself.
    ///
    /// - Returns: nil with `errno`.
    static func beneath(
        _ directory: Int32, _ path: WorkspacePath, _ flags: Int32
    ) -> Descriptor? {
        let bytes = path.isRoot ? [UInt8(ascii: ".")] : path.bytes
        return Descriptor(
            unsafe interlock_open_beneath(directory, terminated(bytes), flags | O_NONBLOCK, 0))
    }
}

/// Returns the bytes as a C string. They must not contain NUL.
func terminated(_ bytes: some Collection<UInt8>) -> [CChar] {
    var text: [CChar] = []
    text.reserveCapacity(bytes.count + 1)
    for byte in bytes { text.append(CChar(bitPattern: byte)) }
    text.append(0)
    return text
}

/// The state of an entry, without following a link.
///
/// - Returns: nil with `errno`.
func status(_ directory: Int32, _ name: some Collection<UInt8>) -> stat? {
    var status = stat()
    let result = unsafe fstatat(directory, terminated(name), &status, AT_SYMLINK_NOFOLLOW)
    return result == 0 ? status : nil
}

func status(_ descriptor: Int32) -> stat? {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? status : nil
}

extension stat {
    var kind: mode_t { st_mode & S_IFMT }
    /// The permission bits with set-id and sticky bits.
    var bits: UInt16 { UInt16(st_mode & 0o7777) }
    var isWhiteout: Bool {
        var copy = self
        return unsafe interlock_is_whiteout(&copy) != 0
    }

    /// Returns true if the other state is that of the same file, not written meanwhile.
    func isSame(_ other: stat) -> Bool {
        st_dev == other.st_dev && st_ino == other.st_ino && st_mode == other.st_mode
            && st_size == other.st_size && st_mtim.tv_sec == other.st_mtim.tv_sec
            && st_mtim.tv_nsec == other.st_mtim.tv_nsec
            && st_ctim.tv_sec == other.st_ctim.tv_sec
            && st_ctim.tv_nsec == other.st_ctim.tv_nsec
    }

    /// The kind of an entry that is never applied.
    var specialKind: SpecialKind {
        switch kind {
        case S_IFIFO: .fifo
        case S_IFSOCK: .socket
        case S_IFBLK: .blockDevice
        case S_IFCHR: .characterDevice
        default: .unreadable
        }
    }
}

/// Returns the target of a link, or nil with `errno`.
func linkTarget(_ directory: Int32, _ name: some Collection<UInt8>) -> [UInt8]? {
    var target = [CChar](repeating: 0, count: WorkspacePath.longest + 1)
    let count = unsafe readlinkat(directory, terminated(name), &target, target.count)
    guard count >= 0 else { return nil }
    return target.prefix(count).map { UInt8(bitPattern: $0) }
}

/// The names in a directory, without `.` and `..`, in no order.
///
/// - Parameter most: the most names that are read.
/// - Returns: nil with `errno`; ENOMEM if there are more.
func names(in directory: Int32, most: Int = TreeListing.mostEntries) -> [[UInt8]]? {
    let copy = fcntl(directory, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { return nil }
    guard let stream = unsafe fdopendir(copy) else {
        close(copy)
        return nil
    }
    defer { unsafe closedir(stream) }
    // The copy shares its position with the original.
    unsafe rewinddir(stream)
    var names: [[UInt8]] = []
    while true {
        errno = 0
        guard let entry = unsafe readdir(stream) else { return errno == 0 ? names : nil }
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            unsafe Array(bytes.prefix { $0 != 0 })
        }
        guard WorkspacePath.isName(name) else { continue }
        guard names.count < most else {
            errno = ENOMEM
            return nil
        }
        names.append(name)
    }
}
