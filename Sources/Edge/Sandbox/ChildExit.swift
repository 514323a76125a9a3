import CSpawn
package import InterlockPorts

/// The end of a child process.
package enum ChildExit {
    /// Blocks until the child has ended, and reaps it.
    ///
    /// - Returns: its exit status, or 128 + the signal. For a sandboxed child, 125, 126 and 127 are set by the
    ///   launcher: set-up failed, not executable, not found.
    package static func wait(pidfd: Int32) throws(LaunchFailure) -> Int32 {
        var code: Int32 = 0
        let result = unsafe interlock_reap(pidfd, 0, &code)
        guard result == 1 else {
            throw LaunchFailure(reason: "cannot reap a child: \(describe(errno: -result))")
        }
        return code
    }
}
