import CLinux
import Glibc
import InterlockAdministration
import InterlockCommandLine
import InterlockGovernor
import InterlockPorts
import InterlockTransport

/// Scans for orders that arrive as files: whenever the kernel reports a change, and once a second in any case. Runs
/// on its own thread, so that a busy gateway does not delay it.
@safe final class HaltFileMonitor: Sendable {
    private static let period: Int32 = 1000

    private let wakeup: Int32

    /// - Parameters:
    ///   - folders: the folders whose changes the kernel reports, as soon as they exist.
    ///   - look: scans the files; blocks on the disk and is called on the monitor's thread.
    ///   - loop: the loop that runs `act`.
    /// - Throws: a failure if no thread can be created, since orders would not be found.
    init(
        _ folders: [String], look: @escaping @Sendable () -> [FoundOrderFile],
        act: @escaping @Sendable ([FoundOrderFile]) async -> Void, on loop: EventLoop
    ) throws(Failure) {
        wakeup = eventfd(0, Int32(EFD_CLOEXEC))
        guard wakeup >= 0 else { throw Failure(.internalError, "there is no watch for orders") }
        let watcher = Watcher(folders: folders, wakeup: wakeup, look: look, act: act, loop: loop)
        guard startThread({ watcher.run() }) else {
            throw Failure(.internalError, "there is no thread that looks for orders")
        }
    }

    /// Ends the thread soon; `act` may still be running.
    func stop() {
        var one: UInt64 = 1
        _ = unsafe write(wakeup, &one, 8)
    }

    /// The state of the thread.
    private struct Watcher {
        let folders: [String]
        let wakeup: Int32
        let look: @Sendable () -> [FoundOrderFile]
        let act: @Sendable ([FoundOrderFile]) async -> Void
        let loop: EventLoop

        func run() {
            var buffer = [UInt8](repeating: 0, count: 16 << 10)
            // If inotify is not available, the scan of each second still finds everything.
            let events = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
            if events < 0 {
                log(
                    "the kernel does not tell of new orders; they are looked for", .warning,
                    part: "kill")
            }
            defer {
                if events >= 0 { close(events) }
                close(wakeup)
            }
            while true {
                for folder in folders where events >= 0 {
                    _ = unsafe inotify_add_watch(
                        events, folder,
                        UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR))
                }
                var polls = [
                    pollfd(fd: wakeup, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: events, events: Int16(POLLIN), revents: 0),
                ]
                let ready = unsafe poll(&polls, events >= 0 ? 2 : 1, HaltFileMonitor.period)
                if ready < 0, errno == EINTR { continue }
                guard polls[0].revents == 0 else { return }
                while events >= 0, unsafe read(events, &buffer, buffer.count) > 0 {}
                let found = look()
                guard !found.isEmpty else { continue }
                let act = act
                Task(executorPreference: loop) { await act(found) }
            }
        }
    }
}
