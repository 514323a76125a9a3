import CLinux
import Glibc

/// Writes many whole files so that each survives a loss of power: temporary file, fsync, rename, fsync
/// of its folder. After a crash each file is there as a whole or not at all; writing the same batch
/// again does no harm.
///
/// The kernel is told of all files before the first is waited for, and each folder is flushed once, so
/// that a batch costs a few commits of the file system's journal rather than three for each file.
struct FileBatch: Sendable {
    /// Where the temporary files are; on the same file system, and emptied of them at each start.
    private let staging: String
    private let disk: DiskOperations
    /// Folders whose own names are durable.
    private var known: Set<String> = []
    /// Folders to which names were added since.
    private var changed: Set<String> = []

    /// Files that are open at a time.
    static let maximumOpen = 128
    static let maximumKnown = 4096

    init(staging: String, _ disk: DiskOperations) {
        self.staging = staging
        self.disk = disk
    }

    /// Writes the files in this order. On an error some may have been written.
    mutating func write(_ files: [(path: String, bytes: [UInt8])]) throws(SystemError) {
        try add(files)
        try finish()
    }

    /// Writes files whose names may still be lost until `finish`: for one who has more to write before
    /// anything counts. On an error some may have been written, and this copy means nothing any more.
    mutating func add(_ files: [(path: String, bytes: [UInt8])]) throws(SystemError) {
        for start in stride(from: 0, to: files.count, by: Self.maximumOpen) {
            let piece = files[start..<min(start + Self.maximumOpen, files.count)]
            for path in piece.map(\.path) { try enter(Folder.parent(path)) }
            try writePiece(piece)
        }
    }

    /// Makes the names of the files that were added durable.
    mutating func finish() throws(SystemError) {
        for folder in changed.sorted(by: >) {
            try sync(FileDescriptor(folder, O_RDONLY | O_DIRECTORY))
        }
        if known.count > Self.maximumKnown { known = [] }
        known.formUnion(changed)
        changed = []
    }

    private func writePiece(_ files: ArraySlice<(path: String, bytes: [UInt8])>) throws(SystemError)
    {
        var staged: [FileDescriptor] = []
        for (number, file) in files.enumerated() {
            let temporary = try FileDescriptor(
                "\(staging)/publish-\(number).tmp", O_WRONLY | O_CREAT | O_TRUNC)
            let failed = disk.write(temporary.number, file.bytes[...], 0)
            guard failed == 0 else { throw SystemError("write", temporary.path, code: failed) }
            // Only a hint; the fsync below is what counts.
            _ = sync_file_range(temporary.number, 0, 0, interlock_sync_file_range_write)
            staged.append(temporary)
        }
        for temporary in staged { try sync(temporary) }
        for (temporary, file) in zip(staged, files) {
            let failed = disk.rename(temporary.path, file.path)
            guard failed == 0 else { throw SystemError("rename", file.path, code: failed) }
        }
    }

    /// Makes the folder, and notes what must be flushed for it to stay.
    private mutating func enter(_ folder: String) throws(SystemError) {
        guard changed.insert(folder).inserted, !known.contains(folder) else { return }
        try Folder.make(folder)
        var above = Folder.parent(folder)
        while above.count > 1, !known.contains(above), changed.insert(above).inserted {
            above = Folder.parent(above)
        }
    }

    private func sync(_ file: FileDescriptor) throws(SystemError) {
        let failed = disk.sync(file.number)
        guard failed == 0 else { throw SystemError("fsync", file.path, code: failed) }
    }
}
