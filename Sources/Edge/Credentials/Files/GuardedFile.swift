import CLinux
import Glibc

/// Access to files that checks which other users can read or change them. A symbolic link is never followed in the
/// last component.
enum GuardedFile {
    struct Rules {
        /// Permission bits that must not be set.
        let forbidden: mode_t
        /// Permission bits that must not be set on the folder that contains the file.
        var forbiddenOfFolder: mode_t = 0o077
        /// If true, the owner must be this user or root.
        let owned: Bool

        /// Rules for a file that holds no secret and is protected by its folder or the kernel.
        static let any = Rules(forbidden: 0, owned: false)
        /// Rules for a secret: no other user may read or write the file.
        static let secret = Rules(forbidden: 0o077, owned: true)
        /// Rules for a file in a unit's credentials directory, where systemd's access list shows as read permission
        /// of the group. The owner is root or this user.
        static let credential = Rules(forbidden: 0o037, forbiddenOfFolder: 0o027, owned: true)
        /// Rules for a file that other users may read but not change.
        static let trusted = Rules(forbidden: 0o022, owned: true)
    }

    /// - Throws: `missing`, `exposed`, `malformed` (not a regular file, or larger than `limit` bytes), `io`.
    static func read(_ path: String, limit: Int, rules: Rules) throws(KeyFailure) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { throw failure("open", path) }
        defer { close(file) }
        return try contents(of: file, path, limit: limit, rules: rules)
    }

    /// - Parameter path: the name of the open file in messages.
    /// - Throws: as `read`.
    static func contents(
        of file: Int32, _ path: String, limit: Int, rules: Rules
    ) throws(KeyFailure) -> [UInt8] {
        try check(file, path, rules)
        var bytes: [UInt8] = []
        // The buffer is small, because limits may be large while files are small.
        var chunk = [UInt8](repeating: 0, count: min(limit + 1, 16 << 10))
        while true {
            let got = unsafe Glibc.read(file, &chunk, chunk.count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw failure("read", path) }
            if got == 0 { return bytes }
            bytes += chunk[..<got]
            guard bytes.count <= limit else {
                throw KeyFailure(.malformed, "`\(path)` is larger than \(limit) bytes")
            }
        }
    }

    /// Returns the result of `body`, or nil if the file or folder that it needs does not exist.
    static func ifPresent<Value>(
        _ body: @autoclosure () throws(KeyFailure) -> Value
    ) throws(KeyFailure) -> Value? {
        do throws(KeyFailure) { return try body() } catch {
            guard error.code == .missing else { throw error }
            return nil
        }
    }

    private static func check(_ file: Int32, _ path: String, _ rules: Rules) throws(KeyFailure) {
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { throw failure("stat", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw KeyFailure(.malformed, "`\(path)` is not a regular file")
        }
        if rules.owned, status.st_uid != geteuid(), status.st_uid != 0 {
            throw KeyFailure(.exposed, "`\(path)` belongs to another user")
        }
        guard status.st_mode & rules.forbidden == 0 else {
            throw KeyFailure(
                .exposed, "`\(path)` can be read or changed by other users",
                help: "chmod 600 '\(path)'")
        }
    }

    /// Creates a new file; content and name are durable on return. After an error a file of that name may remain,
    /// which `read` or the parser refuses.
    static func create(_ path: String, _ bytes: [UInt8], mode: mode_t) throws(KeyFailure) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw failure("create", path) }
        defer { close(file) }
        try write(file, path, bytes)
        try syncFolder(folder(of: path))
    }

    /// The end of the name of a file that is being written.
    static let draftEnd = ".part"

    /// Replaces or creates a whole file: write, fsync, rename, fsync of the folder. After an error the file has
    /// either the complete old or the complete new content.
    static func replace(_ path: String, _ bytes: [UInt8], mode: mode_t) throws(KeyFailure) {
        let draft = path + draftEnd
        _ = unsafe unlink(draft)
        let file = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw failure("create", draft) }
        defer { close(file) }
        try write(file, draft, bytes)
        guard unsafe Glibc.rename(draft, path) == 0 else { throw failure("rename", draft) }
        try syncFolder(folder(of: path))
    }

    /// Writes at `offset`, cuts off anything after it, and flushes the data. After `io` nothing was added; after
    /// `unflushed` it is unknown whether the bytes are on disk.
    static func append(_ path: String, _ bytes: [UInt8], at offset: Int) throws(KeyFailure) {
        let file = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw failure("open", path) }
        defer { close(file) }
        guard ftruncate(file, offset) == 0, lseek(file, offset, SEEK_SET) == offset else {
            throw failure("write", path)
        }
        do throws(KeyFailure) { try writeAll(file, path, bytes) } catch {
            _ = ftruncate(file, offset)
            throw error
        }
        guard fdatasync(file) == 0 else {
            throw KeyFailure(.unflushed, failure("flush", path).reason)
        }
    }

    /// Overwrites a file's bytes with zeros, durable on return. A disk that writes to another location than it read
    /// keeps the old bytes.
    static func wipe(_ path: String) throws(KeyFailure) {
        let found = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard found >= 0 else { throw failure("open", path) }
        defer { close(found) }
        try check(found, path, .any)
        // A key file is read-only for its owner too. The mode is set on the open file, so a link is not followed.
        guard fchmod(found, 0o600) == 0 else { throw failure("change", path) }
        let file = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { throw failure("open", path) }
        defer { close(file) }
        var before = stat()
        var status = stat()
        guard unsafe fstat(found, &before) == 0, unsafe fstat(file, &status) == 0 else {
            throw failure("stat", path)
        }
        guard before.st_dev == status.st_dev, before.st_ino == status.st_ino else {
            throw KeyFailure(.io, "`\(path)` was replaced in the meantime")
        }
        try write(file, path, [UInt8](repeating: 0, count: Int(status.st_size)))
    }

    /// Renames a file; durable on return.
    static func rename(_ old: String, to new: String) throws(KeyFailure) {
        guard unsafe Glibc.rename(old, new) == 0 else { throw failure("rename", old) }
        try syncFolder(folder(of: new))
    }

    /// Removes a file and ignores errors; the file need not exist.
    static func remove(_ path: String) {
        _ = unsafe unlink(path)
        try? syncFolder(folder(of: path))
    }

    /// Writes and syncs the content. The file's name is durable only after its folder is synced.
    static func write(_ file: Int32, _ path: String, _ bytes: [UInt8]) throws(KeyFailure) {
        try writeAll(file, path, bytes)
        guard fsync(file) == 0 else { throw failure("sync", path) }
    }

    private static func writeAll(
        _ file: Int32, _ path: String, _ bytes: [UInt8]
    ) throws(KeyFailure) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(
                    file, buffer.baseAddress.map { unsafe $0 + written }, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write", path) }
            written += count
        }
    }

    static func syncFolder(_ path: String) throws(KeyFailure) {
        let folder = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure("open", path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure("sync", path) }
    }

    /// Creates a folder of mode 0700; an existing one is only checked.
    ///
    /// - Throws: as `checkFolder`.
    static func makeFolder(_ path: String) throws(KeyFailure) {
        if unsafe mkdir(path, 0o700) != 0, errno != EEXIST { throw failure("create", path) }
        try checkFolder(path)
        try syncFolder(folder(of: path))
    }

    /// - Throws: `exposed` if the folder belongs to another user, or other users may enter or change it.
    static func checkFolder(
        _ path: String, forbidden: mode_t = Rules.secret.forbidden
    ) throws(KeyFailure) {
        let folder = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard folder >= 0 else { throw failure("open", path) }
        defer { close(folder) }
        var status = stat()
        guard unsafe fstat(folder, &status) == 0 else { throw failure("stat", path) }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            let name = UserName.text(of: status.st_uid)
            throw KeyFailure(
                .exposed, "`\(path)` belongs to user `\(name)`",
                help: "as that user: "
                    + (geteuid() == 0 ? "runuser -u \(name) -- " : "sudo -u \(name) ")
                    + "interlock ...")
        }
        guard status.st_mode & forbidden == 0 else {
            throw KeyFailure(
                .exposed, "`\(path)` can be entered by other users", help: "chmod 700 '\(path)'")
        }
    }

    /// The names in a folder, in byte order, without `.` and `..`.
    static func names(in path: String) throws(KeyFailure) -> [String] {
        guard let folder = unsafe opendir(path) else { throw failure("open", path) }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(folder) else {
                guard errno == 0 else { throw failure("read", path) }
                return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { buffer in
                unsafe String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a failure from `errno`; the caller must not make another system call before it.
    static func failure(_ action: String, _ path: String) -> KeyFailure {
        let number = errno
        switch number {
        case ENOENT: return KeyFailure(.missing, "`\(path)` does not exist")
        case EEXIST: return KeyFailure(.exists, "`\(path)` exists already")
        default:
            let text = unsafe strerror(number).map { unsafe String(cString: $0) } ?? ""
            return KeyFailure(.io, "cannot \(action) `\(path)`: \(text.lowercased())")
        }
    }
}
