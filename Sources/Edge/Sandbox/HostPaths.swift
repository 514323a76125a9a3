import CLinux
import Glibc
package import InterlockPorts

/// The path without symbolic links, dots or doubled slashes.
///
/// - Throws: when it is not absolute, or not there.
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

/// Lower case, as messages have it.
func describe(errno code: Int32) -> String {
    unsafe String(cString: strerror(code)).lowercased()
}

/// Places of this host that no server has any business in.
package enum HostPaths {
    /// Home folders, the sockets and state of services under `/run`, the spools, and the folder of
    /// the ssh-agent when it lies elsewhere: those of them that exist.
    ///
    /// - Parameters:
    ///   - home: the home folder of the user who runs the gateway.
    ///   - agentSocket: the value of `SSH_AUTH_SOCK`.
    package static func standardCovers(home: String?, agentSocket: String?) -> [String] {
        let common = ["/root", "/home", "/run", "/var/run", "/var/spool", "/var/mail", "/var/log"]
        let own = [home, agentSocket].compactMap(\.self).filter { $0.hasPrefix("/") && $0 != "/" }
        return (common + own).filter(exists)
    }

    /// `interlock-launch` beside the running program.
    ///
    /// - Throws: when it is not there or cannot be executed.
    package static func launcherBesideProgram() throws(LaunchFailure) -> String {
        let program = try canonicalPath("/proc/self/exe")
        let folder = program.split(separator: "/").dropLast().joined(separator: "/")
        let launcher = "/\(folder)/interlock-launch"
        guard unsafe access(launcher, X_OK) == 0 else {
            throw LaunchFailure(reason: "`\(launcher)` is missing or cannot be executed")
        }
        return launcher
    }
}
