import Glibc
package import InterlockCommandLine

/// Checks who can change a deployment, since its configuration names programs that are run and files that are read.
package enum FolderOwner {
    /// - Parameter path: a folder or file without links in its last component.
    /// - Throws: 77 if it belongs to a user other than this one or root, or if every user may write it and it is not
    ///   a sticky folder. Root may act on files of any owner.
    package static func judge(_ path: String) throws(Failure) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            throw Failure(.io, FileFailure("find", path).message)
        }
        let own = geteuid()
        guard own == 0 || status.st_uid == own || status.st_uid == 0 else {
            throw Failure(
                .notPermitted, "`\(path)` belongs to another user (uid \(status.st_uid))",
                help: "that user could choose what is run here: name another --dir")
        }
        let isOpen = status.st_mode & 0o002 != 0 && status.st_mode & S_IFMT != S_IFLNK
        guard !isOpen || status.st_mode & 0o1000 != 0 && status.st_mode & S_IFMT == S_IFDIR else {
            throw Failure(
                .notPermitted, "every user may write `\(path)`", help: "chmod o-w \(path)")
        }
    }
}
