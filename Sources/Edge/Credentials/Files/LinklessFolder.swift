import CLinux
import Glibc

/// An open folder that is reached component by component without following a link. Files are named relative to it, so
/// a link that the owner of a parent folder creates meanwhile has no effect. Commands run by root use it to access
/// files of another user.
///
/// INVARIANT: a command of root follows no link in a deployment that another user can change, and believes no list of
/// that user. Kept by `test_root_commands.py`, `LinklessFolderTests`.
final class LinklessFolder {
    private let path: String
    private let number: Int32

    /// - Throws: `missing`, `exposed` (a link or a file in place of a folder), `io`.
    init(_ path: String) throws(KeyFailure) {
        let start = path.hasPrefix("/") ? "/" : ""
        var folder = unsafe open(
            start.isEmpty ? "." : start, interlock_open_path | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw GuardedFile.failure("open", path) }
        let parts = path.split(separator: "/").map(String.init)
        for (index, part) in parts.enumerated() {
            // The last folder is opened for reading because it is synced later.
            let flags = index == parts.count - 1 ? O_RDONLY : interlock_open_path
            let next = unsafe openat(folder, part, flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            let code = errno
            close(folder)
            guard next >= 0 else {
                let place = start + parts[...index].joined(separator: "/")
                guard code != ENOTDIR, code != ELOOP else {
                    throw KeyFailure(.exposed, "`\(place)` is a link, or no folder")
                }
                errno = code
                throw GuardedFile.failure("open", place)
            }
            folder = next
        }
        number = folder
        self.path = path
    }

    deinit { close(number) }

    /// - Throws: as `GuardedFile.read`.
    func read(_ name: String, limit: Int) throws(KeyFailure) -> [UInt8] {
        let file = unsafe openat(number, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { throw GuardedFile.failure("open", "\(path)/\(name)") }
        defer { close(file) }
        return try GuardedFile.contents(of: file, "\(path)/\(name)", limit: limit, rules: .any)
    }

    /// Does the same as `GuardedFile.replace`. A file that root creates is given to the folder's owner.
    func replace(_ name: String, _ bytes: [UInt8], mode: mode_t) throws(KeyFailure) {
        let draft = name + ".part"
        _ = unsafe unlinkat(number, draft, 0)
        let file = unsafe openat(
            number, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw GuardedFile.failure("create", "\(path)/\(draft)") }
        defer { close(file) }
        if geteuid() == 0 {
            var status = stat()
            guard unsafe fstat(number, &status) == 0,
                fchown(file, status.st_uid, status.st_gid) == 0
            else { throw GuardedFile.failure("change", "\(path)/\(draft)") }
        }
        try GuardedFile.write(file, "\(path)/\(draft)", bytes)
        guard unsafe renameat(number, draft, number, name) == 0 else {
            throw GuardedFile.failure("rename", "\(path)/\(draft)")
        }
        guard fsync(number) == 0 else { throw GuardedFile.failure("sync", path) }
    }
}
