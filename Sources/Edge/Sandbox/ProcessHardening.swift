import CSpawn
package import InterlockPorts

package enum ProcessHardening {
    /// Other processes of the same user can no longer trace this one, read its memory, its
    /// environment or its descriptors, and no core file is written. Call it first in `main`, before a
    /// secret is read.
    package static func makeUndumpable() throws(LaunchFailure) {
        let error = interlock_make_undumpable()
        guard error == 0 else {
            throw LaunchFailure(reason: "cannot become undumpable: \(describe(errno: error))")
        }
    }
}
