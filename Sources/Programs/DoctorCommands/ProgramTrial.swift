import CLinux
import Glibc
import InterlockCommandLine
import InterlockDoctor

/// Starts a program with an empty input, to see what it prints and how it ends. It and its children are killed at the end of
/// the time.
enum ProgramTrial {
    /// The most bytes of one stream that are read.
    private static let limitBytes = 1 << 20

    /// - Parameters:
    ///   - words: the absolute path of the program, and its arguments.
    ///   - environment: `NAME=value` each, or nil for that of this process.
    static func run(
        _ words: [String], within time: Duration, environment: [String]? = nil
    ) -> ProgramFacts {
        guard let path = words.first, File.exists(path) else { return .absent }
        var ends: [Int32] = [-1, -1, -1, -1]
        let input = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        let hasPipes = unsafe ends.withUnsafeMutableBufferPointer { ends -> Bool in
            guard let start = ends.baseAddress else { return false }
            return unsafe pipe2(start, O_CLOEXEC) == 0 && pipe2(start + 2, O_CLOEXEC) == 0
        }
        defer { for end in ends + [input] where end >= 0 { close(end) } }
        guard input >= 0, hasPipes else { return .failed("no pipe for its output") }
        let process: pid_t
        do throws(SpawnFailure) {
            process = try Child.spawn(
                path, words, environment: environment, input: input, output: ends[1],
                errors: ends[3], leadsGroup: true)
        } catch { return .failed("cannot be started") }
        for end in [1, 3] {
            close(ends[end])
            ends[end] = -1
        }
        var reading = Reading(output: ends[0], errors: ends[2])
        let deadline = ContinuousClock.now + time
        let isOver = reading.readAll(of: process, deadline)
        // Children that outlive it may hold its pipes. As long as it is not reaped, its group is no other's.
        kill(-process, SIGKILL)
        let ended = Child.wait(for: process)
        guard isOver else {
            return .failed(
                reading.isTooLarge
                    ? "prints more than \(limitBytes) bytes" : "took longer than \(time)")
        }
        guard let code = ended else { return .failed("was lost") }
        return .ended(code: code, output: reading.bytes[0], errors: reading.bytes[1])
    }

    private struct Reading {
        private var ends: [Int32]
        private(set) var bytes: [[UInt8]] = [[], []]
        private(set) var isTooLarge = false
        private var buffer = [UInt8](repeating: 0, count: 64 << 10)

        init(output: Int32, errors: Int32) {
            ends = [output, errors]
        }

        /// Reads until the process has ended, and leaves it to be reaped.
        ///
        /// - Returns: false if the time or the limit is exceeded.
        mutating func readAll(of process: pid_t, _ deadline: ContinuousClock.Instant) -> Bool {
            while ContinuousClock.now < deadline, !isTooLarge {
                var polled = ends.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
                let ready = unsafe poll(&polled, nfds_t(polled.count), 10)
                for place in polled.indices where ready > 0 && polled[place].revents != 0 {
                    take(place)
                }
                var end = unsafe siginfo_t()
                let options = WEXITED | WNOHANG | WNOWAIT
                guard unsafe waitid(P_PID, id_t(process), &end, options) == 0,
                    unsafe end.si_signo == SIGCHLD
                else { continue }
                // The pipes hold what it wrote before its end.
                for place in ends.indices { drain(place) }
                return !isTooLarge
            }
            return false
        }

        private mutating func drain(_ place: Int) {
            while ends[place] >= 0, !isTooLarge {
                var polled = pollfd(fd: ends[place], events: Int16(POLLIN), revents: 0)
                guard unsafe poll(&polled, 1, 0) > 0 else { return }
                take(place)
            }
        }

        private mutating func take(_ place: Int) {
            let count = unsafe read(ends[place], &buffer, buffer.count)
            if count > 0 {
                bytes[place] += buffer[..<count]
                isTooLarge = bytes[place].count > ProgramTrial.limitBytes
            } else if count == 0 || errno != EINTR {
                ends[place] = -1
            }
        }
    }
}
