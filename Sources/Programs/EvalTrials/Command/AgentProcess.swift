import CLinux
import Glibc
import InterlockCommandLine

/// One run of the agent's command: a process group of its own, bounded in time and output.
///
/// Its standard input is the request, and its output goes to a file of at most `keptBytes`. Nothing of it reaches this
/// program's own output, where a line that begins with `::` would be a workflow command.
struct AgentProcess: Sendable {
    enum End: Sendable, Hashable {
        /// The exit code, or 128 plus the number of the signal that ended it.
        case exited(Int32)
        case timedOut
        /// It wrote more than `mostBytes`.
        case flooded
        /// It was lost: another part of this program reaped it.
        case lost
    }

    /// The bytes of output that are kept; more are read and dropped.
    static let keptBytes = 1 << 20
    /// The bytes of output above which the command is ended.
    static let mostBytes = 64 << 20

    let command: AgentCommand
    /// `NAME=value` each, besides what the command inherits.
    let variables: [String]
    /// The file of the request, which exists.
    let input: String
    /// The file for its output, which does not exist yet.
    let output: String
    let timeout: Duration

    /// Runs the command to its end, and ends all that is left of its group. Blocks the caller's thread.
    ///
    /// A process that the command started and that left the group (setsid) lives on: it has a token that no gateway takes
    /// any more.
    ///
    /// - Parameter running: has the command while it runs.
    /// - Throws: exit 69 if the command cannot be started, 73 if a file cannot be made.
    func run(_ running: RunningCommands) throws(Failure) -> End {
        let given = unsafe open(input, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        let kept = unsafe open(
            output, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        var ends: [Int32] = [-1, -1]
        let hasPipe = unsafe pipe2(&ends, O_CLOEXEC) == 0
        defer { for end in [given, kept, ends[0]] where end >= 0 { close(end) } }
        guard given >= 0, kept >= 0, hasPipe else {
            if ends[1] >= 0 { close(ends[1]) }
            throw Failure(
                .cannotCreate,
                "cannot make the files of a trial: `\(TerminalEscaping.shown(output))`")
        }
        let started = running.begin { start(given, ends[1]) }
        close(ends[1])
        let process = try started.get()
        var reading = Reading(pipe: ends[0], file: kept)
        let cause = reading.readAll(of: process, until: ContinuousClock.now + timeout)
        running.end(process)
        let code = Child.wait(for: process)
        if let cause { return cause }
        return code.map { End.exited($0) } ?? .lost
    }

    private func start(_ input: Int32, _ output: Int32) -> Result<pid_t, Failure> {
        do throws(SpawnFailure) {
            return .success(
                try Child.spawn(
                    command.path, command.words, environment: command.inherited + variables,
                    input: input, output: output, errors: output, leadsGroup: true))
        } catch {
            return .failure(
                Failure(
                    .unavailable,
                    "the command `\(TerminalEscaping.shown(command.path))` cannot be started: error "
                        + "\(error.code)",
                    help: "a script needs a first line like `#!/bin/sh`"))
        }
    }

    private struct Reading {
        private var pipe: Int32
        private let file: Int32
        private var size = 0
        private var buffer = [UInt8](repeating: 0, count: 64 << 10)

        init(pipe: Int32, file: Int32) {
            self.pipe = pipe
            self.file = file
        }

        /// Reads until the process has ended, and leaves it to be reaped.
        ///
        /// - Returns: nil if it ended by itself within its bounds.
        mutating func readAll(of process: pid_t, until deadline: ContinuousClock.Instant) -> End? {
            while ContinuousClock.now < deadline {
                var polled = [pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)]
                let ready = unsafe poll(&polled, nfds_t(polled.count), 20)
                if ready > 0, polled[0].revents != 0 { take() }
                guard size <= AgentProcess.mostBytes else { return .flooded }
                var end = unsafe siginfo_t()
                let options = WEXITED | WNOHANG | WNOWAIT
                guard unsafe waitid(P_PID, id_t(process), &end, options) == 0,
                    unsafe end.si_signo == SIGCHLD
                else { continue }
                drain()
                return size <= AgentProcess.mostBytes ? nil : .flooded
            }
            return .timedOut
        }

        /// Reads what the pipe holds. A process that is left may still write, so this is bounded.
        private mutating func drain() {
            var rounds = 0
            while pipe >= 0, rounds < 64 {
                rounds += 1
                var polled = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
                guard unsafe poll(&polled, 1, 0) > 0 else { return }
                take()
            }
        }

        private mutating func take() {
            let count = unsafe read(pipe, &buffer, buffer.count)
            if count > 0 {
                keep(count)
                size += count
            } else if count == 0 || errno != EINTR {
                // The caller closes it; poll passes over a negative descriptor.
                pipe = -1
            }
        }

        private mutating func keep(_ count: Int) {
            let room = AgentProcess.keptBytes - size
            guard room > 0 else { return }
            var offset = 0
            let wanted = min(count, room)
            while offset < wanted {
                let written = unsafe buffer.withUnsafeBytes {
                    unsafe write(file, $0.baseAddress?.advanced(by: offset), wanted - offset)
                }
                if written < 0, errno == EINTR { continue }
                // A full disk loses output alone; the trial is judged by what the gateway recorded.
                guard written > 0 else { return }
                offset += written
            }
        }
    }
}
