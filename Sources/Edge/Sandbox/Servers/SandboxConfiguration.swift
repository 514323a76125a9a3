import Glibc
package import InterlockModel

/// The paths that servers' children may and may not access, and the launcher that starts them. Paths are absolute.
///
/// INVARIANT: no upstream child finds a socket of the host, except those of its network if its reviewed entry says
/// so. Kept by `NetworkWallTests`, `ServerNetworkTests`, `test_network_walls.py`.
package struct SandboxConfiguration: Sendable {
    /// The additional access of one server's children.
    package struct Access: Sendable, Hashable {
        /// Files and folders of the host that are readable.
        package var readable: [String]
        /// Files and folders of the host that are writable.
        package var writable: [String]
        package var listed: ListedAccess
        /// The working folder of the command.
        var directory: String { writable.first ?? "/" }

        package init(
            readable: [String] = [], writable: [String] = [],
            listed: ListedAccess = ListedAccess()
        ) {
            self.readable = readable
            self.writable = writable
            self.listed = listed
        }
    }

    /// The path of `interlock-launch`.
    package var launcher: String
    /// Also covered, and never opened by an `Access`: state, secrets and tokens of the gateway itself.
    package var kept: [String]
    /// Folders and files of the host that are empty inside where an `Access` shows a folder around them. Each must
    /// exist: a path created later would be visible.
    package var covered: [String]
    /// A server without access is not started.
    package var access: [ServerName: Access]
    /// An empty file that everyone may read, which is shown in the place of a covered file; nil if there is none.
    package var emptyFile: String?
    /// True if root starts the launcher; a server's command is then `nobody`.
    var isOfRoot = geteuid() == 0

    package init(
        launcher: String, kept: [String], covered: [String], access: [ServerName: Access] = [:],
        emptyFile: String? = nil
    ) {
        self.launcher = launcher
        self.kept = kept
        self.covered = covered
        self.access = access
        self.emptyFile = emptyFile
    }
}
