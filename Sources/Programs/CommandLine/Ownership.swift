import Glibc

/// Sets owners and modes of a file tree. Links are never followed.
package enum Ownership {
    package static let depth = 16

    /// - Parameters:
    ///   - folders: the mode of folders; nil leaves their modes unchanged.
    ///   - files: the mode of files; nil leaves their modes unchanged.
    package static func give(
        _ path: String, to user: UInt32, _ group: UInt32, folders: UInt32? = nil,
        files: UInt32? = nil, depth: Int = Self.depth
    ) throws(FileFailure) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw FileFailure("find", path) }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        guard isFolder || status.st_mode & S_IFMT == S_IFREG else {
            throw FileFailure(message: "`\(path)` is neither a file nor a folder")
        }
        if isFolder {
            guard depth > 0 else { throw FileFailure(message: "`\(path)` lies too deep") }
            for name in try File.names(in: path) {
                try give(
                    path + "/" + name, to: user, group, folders: folders, files: files,
                    depth: depth - 1)
            }
        }
        try set(path, user, group, mode: isFolder ? folders : files)
    }

    package static func set(
        _ path: String, _ user: UInt32, _ group: UInt32, mode: UInt32?
    ) throws(FileFailure) {
        let file = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw FileFailure("open", path) }
        defer { close(file) }
        guard fchown(file, user, group) == 0 else { throw FileFailure("change", path) }
        guard let mode else { return }
        guard fchmod(file, mode) == 0 else { throw FileFailure("change", path) }
    }

    /// Gives a file that root makes in another user's folder, or in place of another user's file, to that user, so
    /// that a command that an operator runs as root leaves no file that the gateway cannot read. Does nothing for
    /// other users, nor in a folder that all users may write, where anyone could have made the name beforehand.
    package static func settle(_ file: Int32, inPlaceOf path: String) throws(FileFailure) {
        guard geteuid() == 0 else { return }
        var status = stat()
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard unsafe stat(folder, &status) == 0 else { throw FileFailure("find", folder) }
        guard status.st_mode & 0o002 == 0 else { return }
        _ = unsafe lstat(path, &status)
        guard status.st_uid != 0 else { return }
        guard fchown(file, status.st_uid, status.st_gid) == 0 else {
            throw FileFailure("change", path)
        }
    }
}
