import CLinux
import Glibc
import InterlockModel

/// A lock that is held until the end of its life. The supervisor holds it while the agent lives, a command while it
/// reads or applies: nothing outside reads an upper that an agent still writes.
package struct RunFolderLock: ~Copyable {
    private let file: Descriptor

    fileprivate init(_ file: consuming Descriptor) { self.file = file }
}

extension RunFolder {
    private static let lockName = "lock"

    /// - Throws: `busy` if another process holds the lock.
    package func lock() throws(WorkspaceFailure) -> RunFolderLock {
        let folder = try descriptor()
        guard
            let file = Descriptor.entry(
                folder.number, Self.lockName.utf8, O_RDWR | O_CREAT, mode: 0o600)
        else { throw WorkspaceFailure(.system, "cannot open the lock: \(describe(errno))") }
        guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
            if errno == EWOULDBLOCK {
                throw WorkspaceFailure(
                    .busy, "run \(run.text) is not over, or another command works on it")
            }
            throw WorkspaceFailure(.system, "cannot lock the run: \(describe(errno))")
        }
        return RunFolderLock(file)
    }
}
