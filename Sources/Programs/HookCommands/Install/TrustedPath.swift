import Glibc
import InterlockCommandLine

/// Checks who can replace a file that hosts of other users trust.
enum TrustedPath {
    /// - Parameters:
    ///   - path: an absolute path, of which no component may be a link.
    ///   - isStickyTrusted: whether a folder may be one of which users replace only their own files, such as /tmp.
    /// - Throws: exit 1 unless root owns the path and all folders above it, and only root can write to them. What does not
    ///   exist is passed over.
    static func checkIsOfRoot(
        _ path: String, isStickyTrusted: Bool = false
    ) throws(Failure) {
        for component in PathComponent.found(of: path) {
            // The adapter refuses folders of every writable group, so hooks below one would deny everything.
            let isOpen = component.isOpen && !(isStickyTrusted && component.isSticky)
            guard component.owner == 0, !component.isLink, !isOpen else {
                throw Failure(
                    .no,
                    "`\(component.path)` can be changed by other users than root, or is a link",
                    help: "install Interlock where only root can replace it, such as /usr/bin")
            }
        }
    }

    /// Makes the folders above a file that do not exist.
    ///
    /// - Parameter base: a folder that exists; below it no component may be a link.
    static func makeFolders(above path: String, base: String, mode: mode_t) throws(Failure) {
        for folder in PathComponent.prefixes(of: path).dropLast()
        where folder.utf8.count > base.utf8.count {
            var status = stat()
            if unsafe lstat(folder, &status) == 0 {
                guard status.st_mode & S_IFMT == S_IFDIR else {
                    throw Failure(.no, "`\(folder)` is no folder")
                }
                continue
            }
            // The umask of this program keeps others out, but the host runs as another user.
            guard unsafe mkdir(folder, mode) == 0, unsafe chmod(folder, mode) == 0 else {
                throw Failure(.io, FileFailure("create", folder).message)
            }
        }
    }
}
