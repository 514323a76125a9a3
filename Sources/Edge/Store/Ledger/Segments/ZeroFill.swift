import CLinux
import Glibc

/// Fills a new file with zeros past the page cache: nobody reads them there, and copying a segment's
/// worth of them into it costs as much as thousands of records.
enum ZeroFill {
    private static let pieceBytes = 1 << 20
    /// What every disk's direct writes are aligned to.
    private static let alignment = 4096

    /// - Returns: false when the file system takes no direct writes; the file may then hold some zeros.
    /// - Throws: any other error, above all of a full disk.
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
            // A short write is a disk that is nearly full: what follows would not be aligned.
            guard written == count else {
                throw SystemError("write", path, code: written < 0 ? errno : ENOSPC)
            }
            offset += count
        }
        return true
    }
}
