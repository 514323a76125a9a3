import CLinux
import Glibc

/// The size and free space of the file system that holds a path, in bytes.
struct DiskSpace {
    /// The bytes available to an unprivileged process.
    let free: Int
    let total: Int

    init(at path: String) throws(SystemError) {
        var info = statvfs()
        guard unsafe statvfs(path, &info) == 0 else { throw SystemError("statvfs", path) }
        free = Int(clamping: info.f_bavail) * Int(clamping: info.f_frsize)
        total = Int(clamping: info.f_blocks) * Int(clamping: info.f_frsize)
    }

    /// Returns true for ext2 to ext4 and xfs, where overwriting a preallocated file needs no new space. On tmpfs,
    /// overlay and network file systems an overwrite may need space, or flushed data may be lost.
    static func isFitForLog(_ path: String) throws(SystemError) -> Bool {
        var info = statfs()
        guard unsafe statfs(path, &info) == 0 else { throw SystemError("statfs", path) }
        return [0xEF53, 0x5846_5342].contains(Int(info.f_type))
    }
}
