package import InterlockModel
import InterlockPorts

/// The paths that children may and may not access, and the launcher that starts them. Paths are absolute.
///
/// INVARIANT: no upstream child finds a socket of the host, except those of its network if its reviewed entry says
/// so. Kept by `NetworkWallTests`, `ServerNetworkTests`, `test_network_walls.py`.
package struct SandboxConfiguration: Sendable {
    /// The additional access of one server's children.
    package struct Access: Sendable, Hashable {
        /// Paths that remain readable although they are in a covered folder.
        package var readable: [String]
        /// Paths that remain accessible and are writable. The first is the working folder of the command.
        package var writable: [String]
        /// Is nil if the tree is that of the host with covers; otherwise it has nothing but what is listed.
        package var listed: ListedAccess?

        package init(
            readable: [String] = [], writable: [String] = [], listed: ListedAccess? = nil
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
    /// Folders that appear empty, and files and sockets that cannot be opened. Each must exist: a path created later
    /// would be visible.
    package var covered: [String]
    package var access: [ServerName: Access]
    /// An empty file that everyone may read, which is shown in the place of a covered file; nil if there is none.
    package var emptyFile: String?

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

    /// - Parameters:
    ///   - server: the server, or nil for the common paths only.
    ///   - program: the command's first word; its Python environment stays readable.
    ///   - network: for the machine's network, the list of name servers stays readable.
    /// - Throws: an error if a path does not exist, is not absolute, or is inside `kept`.
    func places(
        server: ServerName?, program: String?, network: ServerNetwork = .own
    ) throws(LaunchFailure) -> SandboxPaths {
        let own = server.flatMap { access[$0] } ?? Access()
        var places = SandboxPaths()
        for path in kept + covered { places.add(.cover, try canonicalPath(path)) }
        for path in own.writable { places.add(.writable, try canonicalPath(path)) }
        for path in own.readable { places.add(.readable, try canonicalPath(path)) }
        if let program { places.addProgram(program) }
        if network == .host { places.addNameServers() }
        if let first = own.writable.first { places.directory = try canonicalPath(first) }
        try checkKept(places)
        places.openTheWay()
        return places
    }

    /// Rejects paths inside `kept`: a path inside a covered one would be visible.
    private func checkKept(_ places: SandboxPaths) throws(LaunchFailure) {
        for path in kept {
            let path = try canonicalPath(path)
            for (place, kind) in places.kinds where kind != .cover {
                guard place != path, !place.hasPrefix(path + "/") else {
                    throw LaunchFailure(
                        reason: "`\(place)` lies in `\(path)`, which is the gateway's own: "
                            + "no server may read it")
                }
            }
        }
    }
}
