import CLinux
import Glibc

/// The exclusive right to write the log: one writer per origin, by an advisory lock that the kernel releases when the
/// process ends.
final class LedgerLock: Sendable {
    private let file: FileDescriptor

    /// - Throws: `locked` if another process holds the lock.
    init(_ path: String) throws(LedgerFailure) {
        do {
            file = try FileDescriptor(path, O_RDWR | O_CREAT)
        } catch {
            throw LedgerFailure(error)
        }
        guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
            throw LedgerFailure(.locked, "another process writes the log at `\(path)`")
        }
    }

    deinit { release() }

    /// Releases the lock explicitly: closing alone is not enough, because a child between its fork and its exec still
    /// has the file open, and with it the lock.
    func release() { _ = flock(file.number, LOCK_UN) }
}
