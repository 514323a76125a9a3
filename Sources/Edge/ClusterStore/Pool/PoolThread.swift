import CLinux
import Glibc
import Synchronization

/// A thread of a pool. Calls of libpq block, so they must not run on an executor.
@safe final class PoolThread: Sendable {
    private nonisolated(unsafe) let wakeup: UnsafeMutablePointer<interlock_signal>
    private let handle = Mutex<pthread_t?>(nil)

    init() {
        guard let wakeup = unsafe interlock_signal_new() else {
            preconditionFailure("no memory is left for a thread to wait on")
        }
        unsafe self.wakeup = unsafe wakeup
    }

    deinit { unsafe interlock_signal_free(wakeup) }

    /// - Parameter name: at most 15 bytes, as displayed by `ps -T`.
    func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let task = unsafe Unmanaged.passRetained(Body(run: body)).toOpaque()
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, task)
        precondition(status == 0, "no thread is left for `\(name)`")
        _ = unsafe pthread_setname_np(thread, name)
        handle.withLock { $0 = thread }
    }

    /// Wakes the thread. A signal before it waits is not lost.
    func signal() { unsafe interlock_signal_send(wakeup) }

    /// Returns after a signal, after the time, or spuriously. Only the thread itself calls it.
    func wait(milliseconds: Int32 = -1) { unsafe interlock_signal_wait(wakeup, milliseconds) }

    /// Waits for the body to end; later calls return at once.
    func join() {
        let thread = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        if let thread { pthread_join(thread, nil) }
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
