import CLinux
import Glibc
package import InterlockCredentials

/// The exclusive use of a signer's folder, by a lock that the kernel releases when the process ends.
package final class SignerLock {
    private static let name = "signer.lock"

    private let file: Int32

    /// - Throws: `exists` if another process has the lock, `io`.
    package init(_ folder: String) throws(KeyFailure) {
        let path = "\(folder)/\(Self.name)"
        file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw KeyFailure(.io, "cannot open `\(path)`") }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            throw KeyFailure(.exists, "another signer uses `\(folder)`")
        }
    }

    deinit { if file >= 0 { close(file) } }
}
