package import InterlockModel
import InterlockPorts

/// What children may not see, what they may, and with which launcher they start. Paths are absolute.
package struct SandboxConfiguration: Sendable {
    /// What one server's children get besides the common tree.
    package struct Access: Sendable {
        /// Stays readable although it lies under a covered folder.
        package var readable: [String]
        /// Stays, and can be written. The first one is the folder in which the command starts.
        package var writable: [String]

        package init(readable: [String] = [], writable: [String] = []) {
            self.readable = readable
            self.writable = writable
        }
    }

    /// The path of `interlock-launch`.
    package var launcher: String
    /// Covered as well, and opened by nobody's access: state, secrets and tokens of the gateway itself.
    package var kept: [String]
    /// Folders that are empty inside, and files and sockets that cannot be opened. Each must exist:
    /// a path that does not exist yet could be made later, and would then be seen.
    package var covered: [String]
    package var access: [ServerName: Access]

    package init(
        launcher: String, kept: [String], covered: [String], access: [ServerName: Access] = [:]
    ) {
        self.launcher = launcher
        self.kept = kept
        self.covered = covered
        self.access = access
    }

    /// - Parameters:
    ///   - server: nil for the common places alone.
    ///   - program: the command's first word; the Python environment it belongs to stays readable.
    ///   - network: with the machine's, the list of name servers stays readable.
    /// - Throws: when a path does not exist, or is not absolute, or lies in what is kept.
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

    /// A place inside of a covered one is shown, so none may be inside of these.
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
