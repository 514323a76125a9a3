import CLinux
import Glibc

/// Reads a whole file of the database.
enum ZoneFile {
    /// - Returns: nil if the path is not a regular file, cannot be read, or is longer than `limit` bytes.
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        // O_NONBLOCK: a pipe at the path is rejected instead of waited for.
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else { return nil }
        defer { close(number) }
        var info = stat()
        guard unsafe fstat(number, &info) == 0, info.st_mode & S_IFMT == S_IFREG,
            (0...limit).contains(Int(info.st_size))
        else { return nil }
        let size = Int(info.st_size)
        var bytes = [UInt8](repeating: 0, count: size)
        var filled = 0
        while filled < size {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return 0 }
                return unsafe pread(number, base + filled, size - filled, off_t(filled))
            }
            if got < 0 && errno == EINTR { continue }
            guard got > 0 else { return nil }
            filled += got
        }
        return bytes
    }
}
