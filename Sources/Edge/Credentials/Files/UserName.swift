import Glibc

/// The names of the users of this machine.
package enum UserName {
    /// Returns the number as text if the user has no name.
    package static func text(of user: UInt32) -> String {
        guard let entry = unsafe getpwuid(user) else { return "\(user)" }
        return unsafe String(cString: entry.pointee.pw_name)
    }
}
