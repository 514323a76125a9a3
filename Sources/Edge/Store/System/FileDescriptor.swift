import CLinux
import Glibc

/// An open file that is closed with its last reference. Reads and writes take an offset, so several threads can share
/// it.
final class FileDescriptor: Sendable {
    let number: Int32
    let path: String

    /// Opens without blocking. A path that is neither a file nor a folder, such as a pipe, is rejected.
    ///
    /// - Throws: the error of `open`.
    init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(SystemError) {
        let number = unsafe open(path, flags | O_CLOEXEC | O_NONBLOCK, mode)
        guard number >= 0 else { throw SystemError("open", path) }
        var info = stat()
        let isFound = unsafe fstat(number, &info) == 0
        let kind = info.st_mode & S_IFMT
        guard isFound, kind == S_IFREG || kind == S_IFDIR else {
            close(number)
            throw SystemError("open", path, code: ESPIPE)
        }
        self.number = number
        self.path = path
    }

    deinit { close(number) }

    /// Reads `count` bytes, or fewer only at the end of the file.
    func read(at offset: Int, count: Int) throws(SystemError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count {
                guard let base = buffer.baseAddress else { return }
                let got = unsafe pread(number, base + filled, count - filled, offset + filled)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { return }
                filled += got
            }
        }
        guard failure == 0 else { throw SystemError("read", path, code: failure) }
        return bytes
    }

    /// Writes all bytes; after an error any part of them may have been written.
    func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let rest = bytes.count - written
            let got = unsafe bytes.withUnsafeBytes { buffer in
                guard let base = buffer.baseAddress else { return 0 }
                return unsafe pwrite(number, base + written, rest, offset + written)
            }
            if got < 0 && errno == EINTR { continue }
            guard got > 0 else { throw SystemError("write", path) }
            written += got
        }
    }

    func size() throws(SystemError) -> Int {
        var info = stat()
        guard unsafe fstat(number, &info) == 0 else { throw SystemError("stat", path) }
        return Int(info.st_size)
    }

    /// Makes the data and the metadata needed to find it durable; on a folder, makes its names durable.
    func flush() throws(SystemError) {
        guard fsync(number) == 0 else { throw SystemError("fsync", path) }
    }

    /// Returns true if the range holds only zeros. Bytes beyond the end of the file count as zero.
    func isZero(_ range: Range<Int>) throws(SystemError) -> Bool {
        if let mapped = MappedZeros.areZero(number, range) { return mapped }
        // The buffer is reused: a start reads hundreds of MiB here, and this size stays in the processor's cache.
        var piece = [UInt8](repeating: 0, count: min(256 << 10, range.count))
        var offset = range.lowerBound
        while offset < range.upperBound {
            let wanted = min(piece.count, range.upperBound - offset)
            let got = unsafe piece.withUnsafeMutableBytes {
                unsafe pread(number, $0.baseAddress, wanted, offset)
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw SystemError("read", path) }
            if got == 0 { return true }
            let isZero = unsafe piece.withUnsafeBytes {
                unsafe MappedZeros.areZero(UnsafeRawBufferPointer(rebasing: $0[..<got]))
            }
            guard isZero else { return false }
            offset += got
        }
        return true
    }
}

/// A failed system call, with its path.
struct SystemError: Error, Sendable, CustomStringConvertible {
    let call: String
    let path: String
    let code: Int32

    init(_ call: String, _ path: String, code: Int32 = errno) {
        self.call = call
        self.path = path
        self.code = code
    }

    var description: String {
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return "\(call) of `\(path)` failed: \(reason)"
    }
}
