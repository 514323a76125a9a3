import CSpawn
package import InterlockPorts

package enum ProcessHardening {
    /// Prevents other processes of the same user from tracing this one or reading its memory, environment or
    /// descriptors, and disables core files. Must be called first in `main`, before a secret is read.
    package static func makeUndumpable() throws(LaunchFailure) {
        let error = interlock_make_undumpable()
        guard error == 0 else {
            throw LaunchFailure(reason: "cannot become undumpable: \(describe(errno: error))")
        }
    }

    /// Does the same, and sets the limit of core files to 0, which processes that this one starts inherit: for a process
    /// that holds a key and starts none.
    package static func makeUnreadable() throws(LaunchFailure) {
        try makeUndumpable()
        let error = interlock_forbid_core_files()
        guard error == 0 else {
            throw LaunchFailure(reason: "cannot forbid core files: \(describe(errno: error))")
        }
    }
}
