import CLinux
import Glibc
import InterlockModel
package import InterlockPorts

/// Returns the path without symbolic links, dots or doubled slashes.
///
/// - Throws: an error if the path is not absolute or does not exist.
func canonicalPath(_ path: String) throws(LaunchFailure) -> String {
    guard path.hasPrefix("/") else {
        throw LaunchFailure(reason: "`\(path)` is not an absolute path")
    }
    guard let found = unsafe realpath(path, nil) else {
        throw LaunchFailure(reason: "cannot find `\(path)`: \(describe(errno: errno))")
    }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
}

func exists(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0
}

/// Returns the description of an errno in lower case, for messages.
func describe(errno code: Int32) -> String { unsafe String(cString: strerror(code)).lowercased() }

extension LaunchFailure {
    /// Makes the failure of a read from `errno`.
    static func unread(_ path: String) -> LaunchFailure {
        LaunchFailure(reason: "`\(path)` cannot be read: \(describe(errno: errno))")
    }
}

/// Paths of this host that no server needs.
package enum HostPaths {
    /// Returns those that exist of: home folders, the sockets and state of services under `/run`, the spools, and the
    /// folder of the ssh-agent if it is elsewhere.
    ///
    /// - Parameters:
    ///   - home: the home folder of the user who runs the gateway.
    ///   - agentSocket: the value of `SSH_AUTH_SOCK`.
    package static func standardCovers(home: String?, agentSocket: String?) -> [String] {
        let own = [home, agentSocket].compactMap(\.self).filter { $0.hasPrefix("/") && $0 != "/" }
        return (CoveredFolders.common + own).filter(exists)
    }

    /// Returns the path of a program in the folder of the running one, without symbolic links.
    ///
    /// - Throws: an error if it does not exist or cannot be executed.
    package static func besideProgram(_ name: String) throws(LaunchFailure) -> String {
        let program = try canonicalPath("/proc/self/exe")
        let folder = program.split(separator: "/").dropLast().joined(separator: "/")
        let path = "/\(folder)/\(name)"
        guard unsafe access(path, X_OK) == 0 else {
            throw LaunchFailure(reason: "`\(path)` is missing or cannot be executed")
        }
        return path
    }

    /// Returns the path of `interlock-launch` in the folder of the running program.
    package static func launcherBesideProgram() throws(LaunchFailure) -> String {
        try besideProgram("interlock-launch")
    }
}
