import CLinux
import CSpawn
import Glibc
import InterlockModel
import InterlockPorts

/// The reason a program's output cannot be used. Contains nothing that the program printed.
package enum CommandFailure: Error, Equatable, Sendable {
    case launch(String)
    case late
    case tooLarge
    /// The exit status, or 128 + the signal.
    case exit(Int32)
}

extension CommandLauncher {
    /// Runs a program and returns its output: in the sandbox of this launcher, with `input` on its stdin, without a
    /// shell, and with only `environment` as its environment. It has the machine's network: it belongs to the gateway's
    /// configuration and reaches, for example, a vault or a pager. Its stderr is read and discarded. If the time or the
    /// limit is exceeded, it is killed together with all processes that it started.
    ///
    /// Waits on a dedicated thread, so it may be called on a loop.
    package func output(
        of argv: [String], environment: [(String, String)], input: [UInt8] = [],
        within time: Duration, limit: Int
    ) async -> Result<[UInt8], CommandFailure> {
        await withCheckedContinuation { continuation in
            let run = CommandThread {
                continuation.resume(
                    returning: self.run(argv, environment, input, within: time, limit: limit))
            }
            if !run.start() {
                continuation.resume(returning: .failure(.launch("no thread is left")))
            }
        }
    }

    /// The minimum capacity of a pipe in bytes.
    package static var mostInput: Int { 64 << 10 }

    private func run(
        _ argv: [String], _ environment: [(String, String)], _ input: [UInt8],
        within time: Duration, limit: Int
    ) -> Result<[UInt8], CommandFailure> {
        let child: LaunchedChild
        do throws(LaunchFailure) {
            child = try launch(argv, environment)
        } catch {
            return .failure(.launch(error.reason))
        }
        // Written at once, since a pipe holds the maximum input. The program need not read it.
        precondition(input.count <= Self.mostInput, "no more than a pipe holds")
        if !input.isEmpty { _ = unsafe write(child.stdin, input, input.count) }
        close(child.stdin)
        var reading = CommandReading(child: child, limit: limit)
        let failure = reading.readAll(until: monotonicMilliseconds() + time.milliseconds)
        close(child.stdout)
        close(child.stderr)
        if failure != nil { kill(-child.pid, SIGKILL) }
        var code: Int32 = 0
        let reaped = unsafe interlock_reap(child.pidfd, 0, &code)
        close(child.pidfd)
        if let failure { return .failure(failure) }
        guard reaped == 1 else { return .failure(.launch("the program was lost")) }
        return code == 0 ? .success(reading.output) : .failure(.exit(code))
    }
}

/// Reads a child's streams until it ends.
private struct CommandReading {
    let child: LaunchedChild
    let limit: Int
    private(set) var output: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 4096)
    private var isOpen = (output: true, errors: true)

    init(child: LaunchedChild, limit: Int) {
        self.child = child
        self.limit = limit
    }

    /// - Returns: nil once the child has ended and all its output was read.
    mutating func readAll(until deadline: Int64) -> CommandFailure? {
        while true {
            let left = deadline - monotonicMilliseconds()
            guard left > 0 else { return .late }
            // Other processes may keep the streams of an ended child open, so the child's end decides.
            var polled = [
                pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen.output ? child.stdout : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen.errors ? child.stderr : -1, events: Int16(POLLIN), revents: 0),
            ]
            let count = unsafe poll(&polled, nfds_t(polled.count), Int32(clamping: left))
            guard count > 0 else {
                if count < 0, errno != EINTR { return .launch("the program cannot be waited for") }
                continue
            }
            isOpen.output = isOpen.output && take(child.stdout)
            guard output.count <= limit else { return .tooLarge }
            isOpen.errors = isOpen.errors && drop(child.stderr)
            if polled[0].revents != 0 { return nil }
        }
    }

    /// - Returns: true if there may be more.
    private mutating func take(_ descriptor: Int32) -> Bool {
        while output.count <= limit {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            if count == 0 { return false }
            output += buffer[..<count]
        }
        return true
    }

    private mutating func drop(_ descriptor: Int32) -> Bool {
        let count = unsafe read(descriptor, &buffer, buffer.count)
        return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))
    }
}

func monotonicMilliseconds() -> Int64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}

/// One piece of work on a dedicated thread, which ends with it.
final class CommandThread: Sendable {
    private let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    /// - Returns: false if no thread can be created; the work is then not run.
    func start() -> Bool {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self)
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<CommandThread>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            unsafe context.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}

/// Runs blocking work on a dedicated thread; returns nil if no thread can be created.
func apart<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value? {
    await withCheckedContinuation { continuation in
        let run = CommandThread { continuation.resume(returning: work()) }
        if !run.start() { continuation.resume(returning: nil) }
    }
}
