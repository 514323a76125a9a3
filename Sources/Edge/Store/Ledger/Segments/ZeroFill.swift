import CLinux
import Glibc

/// Fills a new file with zeros, bypassing the page cache: they are not read from there, and copying a segment's worth
/// of zeros into it costs as much as thousands of records.
enum ZeroFill {
    private static let pieceBytes = 1 << 20
    /// The alignment that direct writes require on every disk.
    private static let alignment = 4096

    /// - Returns: false if the file system does not support direct writes; the file may then hold some zeros.
    /// - Throws: any other error, in particular that of a full disk.
    static func fill(_ path: String, bytes: Int) throws(SystemError) -> Bool {
        guard bytes % alignment == 0 else { return false }
        let file: FileDescriptor
        do throws(SystemError) {
            file = try FileDescriptor(path, O_WRONLY | interlock_open_direct)
        } catch {
            return false
        }
        let zeros = UnsafeMutableRawPointer.allocate(
            byteCount: pieceBytes, alignment: alignment)
        defer { unsafe zeros.deallocate() }
        unsafe zeros.initializeMemory(as: UInt8.self, repeating: 0, count: pieceBytes)
        var offset = 0
        while offset < bytes {
            let count = min(pieceBytes, bytes - offset)
            let written = unsafe pwrite(file.number, zeros, count, offset)
            if written < 0 && errno == EINTR { continue }
            if written < 0 && errno == EINVAL { return false }
            // A short write means a nearly full disk: the rest would not be aligned.
            guard written == count else {
                throw SystemError("write", path, code: written < 0 ? errno : ENOSPC)
            }
            offset += count
        }
        return true
    }
}
