import CLinux
import Glibc
import InterlockModel
import InterlockWorkspace

/// Reads whole files in pieces.
struct FileReader {
    private var buffer = [UInt8](repeating: 0, count: 1 << 17)

    /// Passes every byte of the file to `take`, from its start.
    ///
    /// - Returns: the number of bytes, or nil with `errno`.
    mutating func read(_ descriptor: Int32, _ take: (Span<UInt8>) -> Void) -> Int64? {
        var offset: off_t = 0
        while true {
            let count = unsafe pread(descriptor, &buffer, buffer.count, offset)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return Int64(offset) }
            offset += off_t(count)
            take(buffer.span.extracting(0..<count))
        }
    }

    /// - Returns: the digest and the number of bytes, or nil with `errno`.
    mutating func digest(
        _ descriptor: Int32, _ hashing: any Hashing
    ) -> (digest: Digest, size: Int64)? {
        var size: Int64?
        let digest = hashing.sha256 { take in size = read(descriptor, take) }
        return size.map { (digest, $0) }
    }
}

/// Reads a small file of a directory.
///
/// - Returns: nil if it is missing, is no regular file, cannot be read, or has more bytes.
package func contents(
    _ directory: borrowing Descriptor, _ name: String, most: Int
) -> [UInt8]? {
    guard let file = Descriptor.entry(directory.number, name.utf8, O_RDONLY) else { return nil }
    return contents(of: file.number, most: most)
}

/// - Returns: nil if it is no regular file, cannot be read, or has more bytes.
func contents(of descriptor: Int32, most: Int) -> [UInt8]? {
    guard let status = status(descriptor), status.kind == S_IFREG, status.st_size <= most else {
        return nil
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(status.st_size))
    var reader = FileReader()
    let count = reader.read(descriptor) { part in
        if bytes.count <= most { for index in part.indices { bytes.append(part[index]) } }
    }
    return count != nil && bytes.count <= most ? bytes : nil
}

/// Writes all bytes at the position of the file.
///
/// - Returns: false with `errno`.
func write(_ descriptor: Int32, _ bytes: Span<UInt8>) -> Bool {
    var written = 0
    while written < bytes.count {
        let count = unsafe bytes.extracting(written..<bytes.count).withUnsafeBufferPointer {
            unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        written += count
    }
    return true
}

/// Puts a file in a directory, or replaces it: temporary file, fsync, rename, fsync of the directory.
func replace(
    _ directory: borrowing Descriptor, _ name: String, _ bytes: [UInt8]
) throws(WorkspaceFailure) {
    let temporary = name + ".tmp"
    _ = unsafe unlinkat(directory.number, temporary, 0)
    func failure(_ call: String) -> WorkspaceFailure {
        WorkspaceFailure(.system, "\(call) of `\(name)` failed: \(describe(errno))")
    }
    guard
        let file = Descriptor.entry(
            directory.number, temporary.utf8, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    else { throw failure("open") }
    guard write(file.number, bytes.span) else { throw failure("write") }
    guard fsync(file.number) == 0 else { throw failure("fsync") }
    guard unsafe renameat(directory.number, temporary, directory.number, name) == 0 else {
        throw failure("rename")
    }
    guard fsync(directory.number) == 0 else { throw failure("fsync") }
}
