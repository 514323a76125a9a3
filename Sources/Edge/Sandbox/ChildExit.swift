import CSpawn
package import InterlockPorts

/// How a child ended.
package enum ChildExit {
    /// Blocks until the child has ended, and reaps it.
    ///
    /// - Returns: its exit status, or 128 + the signal. Of a walled-in child 125, 126 and 127 are
    ///   the launcher's own: set-up failed, not executable, not found.
    package static func wait(pidfd: Int32) throws(LaunchFailure) -> Int32 {
        var code: Int32 = 0
        let result = unsafe interlock_reap(pidfd, 0, &code)
        guard result == 1 else {
            throw LaunchFailure(reason: "cannot reap a child: \(describe(errno: -result))")
        }
        return code
    }
}
