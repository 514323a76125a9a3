import CLinux
import Glibc

/// The right to write the log: one writer per origin, by an advisory lock that the kernel drops with the
/// process.
final class LedgerLock: Sendable {
    private let file: FileDescriptor

    /// - Throws: `locked` when somebody else has it.
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

    /// Closing alone is not enough: a child between its fork and its exec still holds the file open, and
    /// with it the lock.
    func release() { _ = flock(file.number, LOCK_UN) }
}
