import Glibc
package import InterlockCommandLine

/// Checks who could put another socket in the place of one that every user may connect to: its clients would take the
/// answers of that user for the gateway's.
package enum SocketFolder {
    /// - Parameter path: an absolute path; the file need not exist.
    /// - Throws: 66 if its folder does not exist, 77 if a user other than this one and root can make a file there, or can
    ///   replace the folder or one above it.
    package static func judge(_ path: String) throws(Failure) {
        let above = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        guard let folder = File.realPath(above.isEmpty ? "/" : above) else {
            throw Failure(.notFound, "cannot find `\(above)`")
        }
        let components = try FileFailure.exits(.io, try PathComponent.all(of: folder))
        for (depth, component) in components.enumerated() {
            let isOwn = component.owner == 0 || component.owner == geteuid()
            // Users of a sticky folder replace only their own files. The last one must not be sticky: they could take the
            // name while the gateway does not run.
            let isSticky = component.isSticky && depth < components.count - 1
            guard isOwn, !component.isOpenBesidesRoot || isSticky else {
                throw Failure(
                    .notPermitted, "`\(component.path)` can be changed by other users",
                    help:
                        "name a socket in a folder of root or of the gateway's user, such as /run/interlock"
                )
            }
        }
    }
}
