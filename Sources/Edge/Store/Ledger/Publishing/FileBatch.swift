import CLinux
import Glibc

/// Writes many whole files so that each survives a loss of power: temporary file, fsync, rename, fsync of its folder.
/// After a crash each file exists completely or not at all; writing the same batch again is harmless.
///
/// The kernel starts writing all files before the first is waited for, and each folder is flushed once, so a batch
/// costs a few commits of the file system's journal instead of three per file.
struct FileBatch: Sendable {
    /// The folder of the temporary files; on the same file system, and emptied at each start.
    private let staging: String
    private let disk: DiskOperations
    /// Folders whose own names are durable.
    private var known: Set<String> = []
    /// Folders that gained names since the last flush.
    private var changed: Set<String> = []

    /// The number of files that are open at a time.
    static let maximumOpen = 128
    static let maximumKnown = 4096

    init(staging: String, _ disk: DiskOperations) {
        self.staging = staging
        self.disk = disk
    }

    /// Writes the files in this order. After an error some may have been written.
    mutating func write(_ files: [(path: String, bytes: [UInt8])]) throws(SystemError) {
        try add(files)
        try finish()
    }

    /// Writes files whose names may be lost until `finish`. After an error some may have been written, and this copy is
    /// invalid.
    mutating func add(_ files: [(path: String, bytes: [UInt8])]) throws(SystemError) {
        for start in stride(from: 0, to: files.count, by: Self.maximumOpen) {
            let piece = files[start..<min(start + Self.maximumOpen, files.count)]
            for path in piece.map(\.path) { try enter(Folder.parent(path)) }
            try writePiece(piece)
        }
    }

    /// Makes the names of the added files durable.
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
            // Only a hint; the fsync below makes the data durable.
            _ = sync_file_range(temporary.number, 0, 0, interlock_sync_file_range_write)
            staged.append(temporary)
        }
        for temporary in staged { try sync(temporary) }
        for (temporary, file) in zip(staged, files) {
            let failed = disk.rename(temporary.path, file.path)
            guard failed == 0 else { throw SystemError("rename", file.path, code: failed) }
        }
    }

    /// Creates the folder, and notes which folders must be flushed to make it durable.
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
