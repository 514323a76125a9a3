import CLinux
import Glibc
import InterlockModel
import InterlockPorts

/// Limits how much of the disk one examination of a server's code may read.
struct CodeBudget {
    static let largestFile: Int64 = 512 << 20
    static let mostBytes: Int64 = 2 << 30
    static let mostFiles = 100_000
    static let patience: Int64 = 30_000

    private var files = 0
    private var bytes: Int64 = 0
    private let end = monotonicMilliseconds() + CodeBudget.patience

    mutating func take(_ path: String, bytes count: Int64) throws(LaunchFailure) {
        files += 1
        bytes += count
        guard count <= Self.largestFile else {
            throw LaunchFailure(reason: "`\(path)` is larger than \(Self.largestFile >> 20) MiB")
        }
        guard files <= Self.mostFiles, bytes <= Self.mostBytes else {
            throw LaunchFailure(
                reason: "the code has more than \(Self.mostFiles) files or "
                    + "\(Self.mostBytes >> 30) GiB, at `\(path)`")
        }
        try checkTime(path)
    }

    func checkTime(_ path: String) throws(LaunchFailure) {
        guard monotonicMilliseconds() < end else {
            throw LaunchFailure(
                reason: "the code cannot be read within \(Self.patience / 1000) s, at `\(path)`")
        }
    }
}

/// A regular file that is open for reading, with its state at the time of opening.
struct CodeFile: ~Copyable {
    let path: String
    private(set) var descriptor: Int32
    private let before: stat

    /// - Parameter path: a path whose last component is not a link.
    init(_ path: String) throws(LaunchFailure) {
        // O_NONBLOCK: opening a pipe would wait for a writer.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else {
            throw LaunchFailure.unread(path)
        }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw LaunchFailure(reason: "`\(path)` is no regular file")
        }
        self.path = path
        descriptor = file
        before = status
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    var stamp: String { codeStamp(before, path) }

    /// Passes the descriptor to the caller, which must close it.
    mutating func takeDescriptor() -> Int32 {
        defer { descriptor = -1 }
        return descriptor
    }

    /// Returns the first bytes, at most `limit`, or fewer if the file is shorter.
    func head(_ limit: Int) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = unsafe pread(descriptor, &buffer, limit, 0)
        return Array(buffer.prefix(max(0, count)))
    }

    /// - Throws: an error if the file cannot be read, exceeds the budget, or is written meanwhile.
    func digest(hashing: any Hashing, _ budget: inout CodeBudget) throws(LaunchFailure) -> Digest {
        try budget.take(path, bytes: Int64(before.st_size))
        let (path, descriptor, size) = (path, descriptor, before.st_size)
        let changing = LaunchFailure(reason: "`\(path)` is written while it is read")
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var offset: off_t = 0
        let within = budget
        let digest = try hashing.sha256 { take throws(LaunchFailure) in
            while true {
                let count = unsafe pread(descriptor, &buffer, buffer.count, offset)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else {
                    throw LaunchFailure.unread(path)
                }
                guard count > 0 else { return }
                offset += off_t(count)
                guard offset <= size else { throw changing }
                take(buffer.span.extracting(0..<count))
                try within.checkTime(path)
            }
        }
        var after = stat()
        guard unsafe fstat(descriptor, &after) == 0, codeStamp(after, path) == stamp,
            offset == size
        else { throw changing }
        return digest
    }
}

/// Returns a text that changes whenever the file does: its identity, size, mode, and times of the last write and status
/// change.
func codeStamp(_ status: stat, _ path: String) -> String {
    "\(status.st_dev) \(status.st_ino) \(status.st_mode) \(status.st_size) "
        + "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) "
        + "\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec) \(path)\n"
}
