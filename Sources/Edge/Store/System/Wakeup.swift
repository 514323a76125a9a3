import CLinux
import Glibc

/// Lets one thread sleep until another signals it. A signal before the wait is not lost.
final class Wakeup: Sendable {
    private let event = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))

    init() { precondition(event >= 0, "no file descriptor is left for a thread to wait on") }

    deinit { close(event) }

    func signal() {
        var one: UInt64 = 1
        _ = unsafe write(event, &one, 8)
    }

    /// Returns after a signal, after the timeout, or spuriously.
    func wait(milliseconds: Int32 = -1) {
        var waiting = pollfd(fd: event, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&waiting, 1, milliseconds) > 0 else { return }
        var count: UInt64 = 0
        _ = unsafe read(event, &count, 8)
    }
}
