import CLinux
import Glibc

/// What the file system of a path says about itself.
struct DiskSpace {
    /// Bytes that a process without privileges may still use.
    let free: Int
    let total: Int

    init(at path: String) throws(SystemError) {
        var info = statvfs()
        guard unsafe statvfs(path, &info) == 0 else { throw SystemError("statvfs", path) }
        free = Int(clamping: info.f_bavail) * Int(clamping: info.f_frsize)
        total = Int(clamping: info.f_blocks) * Int(clamping: info.f_frsize)
    }

    /// ext2 to ext4 and xfs keep the promise that an overwrite of a preallocated file needs no room;
    /// tmpfs, overlay and network file systems do not keep it, or forget what was flushed.
    static func isFitForLog(_ path: String) throws(SystemError) -> Bool {
        var info = statfs()
        guard unsafe statfs(path, &info) == 0 else { throw SystemError("statfs", path) }
        return [0xEF53, 0x5846_5342].contains(Int(info.f_type))
    }
}
