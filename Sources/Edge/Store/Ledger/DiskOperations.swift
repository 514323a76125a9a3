import Glibc

/// The system calls that durability depends on, injectable so that a test can make one fail or observe their order.
/// Each returns 0 or an errno.
package struct DiskOperations: Sendable {
    /// Writes all bytes at the offset.
    package var write: @Sendable (_ file: Int32, _ bytes: ArraySlice<UInt8>, _ offset: Int) -> Int32
    /// Makes the data durable (`fdatasync`).
    package var flush: @Sendable (_ file: Int32) -> Int32
    /// Makes a file, or the names in a folder, durable (`fsync`).
    package var sync: @Sendable (_ file: Int32) -> Int32
    package var rename: @Sendable (_ old: String, _ new: String) -> Int32
    /// Returns the free and total bytes of the file system that holds a path, or nil on an error.
    package var space: @Sendable (_ path: String) -> (free: Int, total: Int)?

    package static let system = DiskOperations(
        write: { file, bytes, offset in
            var written = 0
            while written < bytes.count {
                let rest = bytes.count - written
                let got = unsafe bytes.withUnsafeBytes { buffer in
                    guard let base = buffer.baseAddress else { return 0 }
                    return unsafe pwrite(file, base + written, rest, offset + written)
                }
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else { return got < 0 ? errno : EIO }
                written += got
            }
            return 0
        },
        flush: { fdatasync($0) == 0 ? 0 : errno },
        sync: { fsync($0) == 0 ? 0 : errno },
        rename: { old, new in unsafe Glibc.rename(old, new) == 0 ? 0 : errno },
        space: { path in (try? DiskSpace(at: path)).map { ($0.free, $0.total) } })
}

extension SystemError {
    /// True for a failed fsync: what is durable is then unknown, and a retry would not tell, because the kernel may
    /// have dropped the pages.
    var isFatal: Bool { call == "fsync" || call == "fdatasync" }
}

/// Prints the reason on stderr and ends the process with status 74 (I/O error) without running any other code.
package func endProcess(_ reason: String) -> Never {
    warn(reason)
    _exit(74)
}

/// Prints the reason on stderr.
package func warn(_ reason: String) {
    let line = Array("interlock: \(reason)\n".utf8)
    _ = unsafe line.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
}
