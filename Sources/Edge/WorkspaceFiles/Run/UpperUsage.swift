import CLinux
import Glibc

/// The disk space of an upper, measured while its agent may still write: nothing is opened but directories, and what
/// vanishes meanwhile is skipped.
package struct UpperUsage: Hashable, Sendable {
    /// Allocated bytes; each file counts once, however many names it has.
    package private(set) var bytes: Int64 = 0
    package private(set) var entries = 0

    /// Ends the walk early; the measure is then too small, and over any limit.
    private static let mostEntries = 4_000_000

    private struct Inode: Hashable {
        let device: UInt64
        let number: UInt64
    }
    private var seen: Set<Inode> = []

    /// - Parameter limit: the walk ends once this many bytes are found.
    package init(
        of upper: borrowing Descriptor, limit: Int64 = .max
    ) {
        measure(upper.number, limit, depth: 0)
        seen = []
    }

    /// True if the upper has more entries than are counted.
    package var isOverflowing: Bool { entries >= Self.mostEntries }

    private mutating func measure(_ folder: Int32, _ limit: Int64, depth: Int) {
        guard depth < 256, let names = names(in: folder) else { return }
        for name in names {
            guard bytes <= limit, !isOverflowing else { return }
            guard let status = status(folder, name) else { continue }
            entries += 1
            let inode = Inode(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
            if status.kind == S_IFDIR || status.st_nlink < 2 || seen.insert(inode).inserted {
                bytes += Int64(status.st_blocks) * 512
            }
            if status.kind == S_IFDIR,
                let below = Descriptor.entry(folder, name, O_RDONLY | O_DIRECTORY)
            {
                measure(below.number, limit, depth: depth + 1)
            }
        }
    }

    /// The bytes that are left to the user on the file system of the directory, or nil if that is not known.
    package static func freeBytes(of directory: borrowing Descriptor) -> Int64? {
        var space = statvfs()
        guard unsafe fstatvfs(directory.number, &space) == 0 else { return nil }
        return Int64(
            clamping: UInt64(space.f_bavail).multipliedReportingOverflow(by: UInt64(space.f_frsize))
                .partialValue)
    }

    /// The floor of free space below which a run is ended.
    package static let leastFreeBytes: Int64 = 1 << 30
}
