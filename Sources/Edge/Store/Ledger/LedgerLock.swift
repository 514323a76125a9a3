import CLinux
import Glibc

extension FileDescriptor {
    /// One writer per origin: an advisory lock that the kernel drops with the process.
    static func lock(_ path: String) throws(LedgerFailure) -> FileDescriptor {
        let file: FileDescriptor
        do {
            file = try FileDescriptor(path, O_RDWR | O_CREAT)
        } catch {
            throw LedgerFailure(error)
        }
        guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
            throw LedgerFailure(.locked, "another process writes the log at `\(path)`")
        }
        return file
    }

    func unlock() { _ = flock(number, LOCK_UN) }
}
