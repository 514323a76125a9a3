import Glibc
import InterlockCommandLine
import InterlockModel

/// A file without a name, which ends with this value.
struct TemporaryFile: ~Copyable {
    let descriptor: Int32

    /// - Parameter folder: a folder on the disk that the file is to be on.
    init(in folder: String) throws(Failure) {
        let path = folder + "/export.tmp"
        _ = unsafe unlink(path)
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(.io, "cannot make `\(path)`") }
        _ = unsafe unlink(path)
    }

    deinit { close(descriptor) }

    /// Passes every byte to `take`, from the start.
    func read(_ take: (Span<UInt8>) -> Void) throws(Failure) {
        var buffer = [UInt8](repeating: 0, count: 1 << 17)
        var offset: off_t = 0
        while true {
            let count = unsafe pread(descriptor, &buffer, buffer.count, offset)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(.io, "the output of Git cannot be read again") }
            guard count > 0 else { return }
            offset += off_t(count)
            take(buffer.span.extracting(0..<count))
        }
    }

    func bytes(most: Int) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        try read { part in
            for index in part.indices where bytes.count < most { bytes.append(part[index]) }
        }
        return bytes
    }
}
