import Glibc
import InterlockCommandLine

/// The user that owns a gateway's files. No person and no agent works as it.
struct SystemUser {
    let user: uid_t
    let group: gid_t

    /// Returns nil if there is no such user yet.
    ///
    /// - Throws: 64 for a user that separates nothing: root, or the user that called sudo.
    static func existing(_ name: String) throws(Failure) -> SystemUser? {
        guard let found = find(name) else { return nil }
        guard found.user != 0, "\(found.user)" != environment("SUDO_UID") else {
            throw Failure(
                .usage, "`\(name)` cannot be the gateway's user: agents may run as it",
                help: "leave --user out, or name one that is used for nothing else")
        }
        return found
    }

    static func make(_ name: String, home: String) throws(Failure) -> SystemUser {
        let code = try Child.run([
            "useradd", "--system", "--user-group", "--no-create-home", "--home-dir", home,
            "--shell", "/usr/sbin/nologin", name,
        ])
        guard code == 0, let made = find(name) else {
            throw Failure(
                .cannotCreate, "cannot make the user `\(name)`: useradd ended with \(code)")
        }
        return made
    }

    private static func find(_ name: String) -> SystemUser? {
        guard let entry = unsafe getpwnam(name) else { return nil }
        return unsafe SystemUser(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
    }
}
