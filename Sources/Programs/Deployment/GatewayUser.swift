import Glibc
import InterlockAdministration
package import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockGovernor
package import InterlockJSON
import InterlockPorts

/// The user that the gateway of a deployment runs as, and whether agents are likely to run as the same user.
package struct GatewayUser {
    package let name: String
    /// Is true if the state belongs to a user other than root, and policy and configuration belong to root and are
    /// writable by no other user, as `interlock init --system` leaves them.
    package let isOwn: Bool

    /// Returns nil if the state folder does not exist.
    package init?(of deployment: Deployment) {
        guard let state = Self.owner(of: deployment.state) else { return nil }
        name = UserName.text(of: state)
        let parts = [deployment.policy, deployment.directory + "/" + ConfigurationFile.name]
        isOwn =
            state != 0 && Self.isRoots(deployment.directory, depth: 0)
            && parts.allSatisfy { Self.isRoots($0, depth: 16) }
    }

    /// A sentence for people about the separation of users.
    package var sentence: String {
        isOwn
            ? "`\(name)`, of its own: agents must run as another user, and policy and configuration belong to root"
            : "`\(name)`: agents that run as user `\(name)` can replace policy, keys and program: they are not bounded"
    }

    package var json: JSONValue {
        ["name": .string(name), "own": .bool(isOwn), "bounds": .string(sentence)]
    }

    /// Warns if the gateway has no user of its own. Throws 77 if it has one and this process runs as another user:
    /// root does not act in its place.
    package static func check(_ deployment: Deployment) throws(Failure) {
        guard let user = GatewayUser(of: deployment) else { return }
        guard user.isOwn else {
            log("runs as user \(user.sentence)", .warning, part: "serve")
            return
        }
        guard UserName.text(of: geteuid()) == user.name else {
            throw Failure(
                .notPermitted, "the state of this deployment belongs to user `\(user.name)`",
                help: "runuser -u \(user.name) -- interlock serve --dir \(deployment.directory)")
        }
    }

    package static func tell(of deployment: Deployment) {
        guard let user = GatewayUser(of: deployment) else { return }
        Output.line("  user:   \(user.sentence)")
    }

    private static func owner(of path: String) -> uid_t? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_uid : nil
    }

    /// Returns true if only root can change the path. A folder's group may add files to it, as with the deployment's
    /// sticky folder.
    ///
    /// - Parameter depth: the number of folder levels to check.
    private static func isRoots(_ path: String, depth: Int) -> Bool {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_uid == 0 else { return false }
        guard status.st_mode & S_IFMT == S_IFDIR else { return status.st_mode & 0o022 == 0 }
        guard status.st_mode & 0o002 == 0 else { return false }
        guard depth > 0 else { return true }
        guard let names = try? File.names(in: path) else { return false }
        return names.allSatisfy { isRoots(path + "/" + $0, depth: depth - 1) }
    }
}
