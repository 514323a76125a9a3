import CLinux

/// Lets one thread sleep until another signals it. A signal before the wait is not lost. Costs a system call only if the
/// thread sleeps.
@safe final class Wakeup: Sendable {
    private nonisolated(unsafe) let state: UnsafeMutablePointer<interlock_signal>

    init() {
        guard let state = unsafe interlock_signal_new() else {
            preconditionFailure("no memory is left for a thread to wait on")
        }
        unsafe self.state = unsafe state
    }

    deinit { unsafe interlock_signal_free(state) }

    func signal() { unsafe interlock_signal_send(state) }

    /// Returns after a signal, after the timeout, or spuriously.
    func wait(milliseconds: Int32 = -1) {
        unsafe interlock_signal_wait(state, milliseconds)
    }
}
