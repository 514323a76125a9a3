import Glibc

/// Access to small files that are neither secret nor part of the log.
package enum File {
    /// - Throws: a failure, with `isMissing` if the file does not exist; also if it is larger than `limit` bytes.
    package static func read(_ path: String, limit: Int) throws(FileFailure) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileFailure("open", path) }
        defer { close(file) }
        return try rest(of: file, path, limit: limit)
    }

    /// `O_PATH` of open(2), which the module Glibc leaves out.
    package static let pathOnly: Int32 = 0o10_000_000

    /// Does the same as `read` but never blocks: a pipe or a device in the file's place is refused.
    ///
    /// - Parameter followsLink: whether the path itself may be a link.
    package static func readRegular(
        _ path: String, limit: Int, followsLink: Bool = true
    ) throws(FileFailure) -> [UInt8] {
        // Opening a device can act on it, so its type is known before.
        let found = unsafe open(path, pathOnly | O_CLOEXEC | (followsLink ? 0 : O_NOFOLLOW))
        guard found >= 0 else { throw FileFailure("open", path) }
        defer { close(found) }
        var status = stat()
        guard unsafe fstat(found, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw FileFailure(message: "`\(path)` is no file")
        }
        let file = unsafe open("/proc/self/fd/\(found)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw FileFailure("open", path) }
        defer { close(file) }
        return try rest(of: file, path, limit: limit)
    }

    package static func standardInput(limit: Int) throws(FileFailure) -> [UInt8] {
        try rest(of: STDIN_FILENO, "standard input", limit: limit)
    }

    private static func rest(
        of file: Int32, _ path: String, limit: Int
    ) throws(FileFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure("read", path) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw FileFailure(message: "`\(path)` is larger than \(limit) bytes")
            }
        }
    }

    /// The path at which a file is written before it is renamed to `path`.
    package static func draft(of path: String) -> String { path + ".part" }

    /// Creates a new draft and removes one that is left over. The folder may be another person's repository: a link
    /// under the draft's name is not followed. Returns the descriptor, which the caller closes.
    ///
    /// - Parameter neighbour: a file of the same folder whose owner also gets the draft if root creates it; by
    ///   default the file at `path`.
    package static func openDraft(
        of path: String, mode: UInt32 = 0o600, ownedAs neighbour: String? = nil
    ) throws(FileFailure) -> Int32 {
        let draft = draft(of: path)
        _ = unsafe unlink(draft)
        let file = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard file >= 0 else { throw FileFailure("create", draft) }
        do throws(FileFailure) { try Ownership.settle(file, inPlaceOf: neighbour ?? path) } catch {
            close(file)
            throw error
        }
        return file
    }

    /// Writes all bytes to an open file.
    ///
    /// - Parameter path: the name in the failure.
    package static func writeAll(
        _ bytes: [UInt8], to file: Int32, _ path: String
    ) throws(FileFailure) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(file, $0.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileFailure("write", path) }
            offset += count
        }
    }

    /// Replaces a whole file by rename; readers see the old or the new content. The content is synced, and
    /// `syncFolder` makes the rename durable.
    ///
    /// - Parameters:
    ///   - isExact: whether to set the mode regardless of this process's umask. It is set on the open file, so a link
    ///     that another user puts in its place is not followed.
    ///   - neighbour: as in `openDraft`.
    package static func write(
        _ bytes: [UInt8], to path: String, mode: UInt32 = 0o600, isExact: Bool = false,
        ownedAs neighbour: String? = nil
    ) throws(FileFailure) {
        let draft = draft(of: path)
        let file = try openDraft(of: path, mode: mode, ownedAs: neighbour)
        defer { close(file) }
        try writeAll(bytes, to: file, draft)
        guard !isExact || fchmod(file, mode) == 0 else { throw FileFailure("change", draft) }
        guard fsync(file) == 0 else { throw FileFailure("sync", draft) }
        guard unsafe rename(draft, path) == 0 else { throw FileFailure("rename", path) }
    }

    /// Gives a file or folder another name, under which there must be nothing; `syncFolder` makes it durable.
    package static func move(_ path: String, to target: String) throws(FileFailure) {
        guard !exists(target) else { throw FileFailure(message: "`\(target)` exists already") }
        guard unsafe rename(path, target) == 0 else { throw FileFailure("rename", path) }
    }

    /// Makes the rename of a file durable.
    package static func syncFolder(of path: String) throws(FileFailure) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let opened = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw FileFailure("open", folder) }
        defer { close(opened) }
        guard fsync(opened) == 0 else { throw FileFailure("sync", folder) }
    }

    /// The maximum size of a copied file; files of a policy are smaller.
    private static let copyLimitBytes = 1 << 20

    /// Copies a file, or a folder with all files in it. Links and special files are refused.
    package static func copyTree(from source: String, to target: String) throws(FileFailure) {
        var status = stat()
        guard unsafe lstat(source, &status) == 0 else { throw FileFailure("read", source) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: try write(try read(source, limit: copyLimitBytes), to: target)
        case S_IFDIR:
            try makeFolder(target, mode: 0o700)
            for name in try names(in: source) {
                try copyTree(from: source + "/" + name, to: target + "/" + name)
            }
        default: throw FileFailure(message: "`\(source)` is neither a file nor a folder")
        }
    }

    /// The names in a folder without `.` and `..`, sorted.
    package static func names(in path: String) throws(FileFailure) -> [String] {
        guard let folder = unsafe opendir(path) else { throw FileFailure("open", path) }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(folder) else {
                guard errno == 0 else { throw FileFailure("read", path) }
                return names.sorted()
            }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { buffer in
                unsafe String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    /// The path without links and dot components. Returns nil if it does not exist.
    package static func realPath(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    package static func makeFolder(_ path: String, mode: UInt32) throws(FileFailure) {
        if unsafe mkdir(path, mode) != 0, errno != EEXIST { throw FileFailure("create", path) }
    }
}

package struct FileFailure: Error {
    package let message: String
    package let isMissing: Bool

    package init(message: String) {
        self.message = message
        isMissing = false
    }

    /// Reads `errno`; the caller must not make another system call before it.
    package init(_ action: String, _ path: String) {
        let number = errno
        let reason = unsafe strerror(number).map { unsafe String(cString: $0) } ?? ""
        isMissing = number == ENOENT
        message = "cannot \(action) `\(path)`: \(reason.lowercased())"
    }
}
