import CLinux
import Glibc
import InterlockCommandLine
import InterlockModel

/// One Git command whose output is read as it comes: with an environment of its own, and without the terminal.
final class GitProcess {
    /// The longest time of one command.
    static let longest = Duration.seconds(120)

    private let process: pid_t
    private let output: Int32
    private let errors: Int32
    private let end: ContinuousClock.Instant
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var start = 0
    private var filled = 0
    /// The bytes that may still come.
    private var left: Int64
    private var isOver = false

    /// - Parameters:
    ///   - arguments: of `git`.
    ///   - input: what the command reads, in a file of `folder`.
    ///   - folder: takes temporary files.
    ///   - most: the most bytes of output.
    init(
        _ arguments: [String], variables: [String], input: [UInt8] = [], in folder: String,
        most: Int64
    ) throws(Failure) {
        let given = try Self.unnamed(folder, holding: input)
        let errors = try Self.unnamed(folder, holding: [])
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else {
            close(given)
            close(errors)
            throw Failure(.unavailable, "there is no pipe for the output of Git")
        }
        let started = Self.start(arguments, variables, given, ends[1], errors)
        close(given)
        close(ends[1])
        guard let process = started else {
            close(ends[0])
            close(errors)
            throw Failure(.unavailable, "Git cannot be started", help: "install git")
        }
        (self.process, output, self.errors, left) = (process, ends[0], errors, most)
        end = ContinuousClock.now + Self.longest
    }

    deinit {
        if !isOver {
            _ = kill(process, SIGKILL)
            _ = Child.wait(for: process)
        }
        close(output)
        close(errors)
    }

    /// - Returns: nil if Git is at none of the usual paths, or cannot be started.
    private static func start(
        _ arguments: [String], _ variables: [String], _ input: Int32, _ output: Int32,
        _ errors: Int32
    ) -> pid_t? {
        for path in ["/usr/bin/git", "/usr/local/bin/git", "/bin/git"] {
            do throws(SpawnFailure) {
                return try Child.spawn(
                    path, ["git"] + arguments, environment: variables, input: input,
                    output: output, errors: errors)
            } catch { guard error.code == ENOENT else { return nil } }
        }
        return nil
    }

    /// Passes the next `count` bytes to `take`, in parts.
    func pass(_ count: Int64, _ take: (Span<UInt8>) -> Void) throws(Failure) {
        var missing = count
        while missing > 0 {
            if start == filled, try !fill() {
                throw Failure(.unavailable, "the output of Git ended early")
            }
            let part = Int(min(missing, Int64(filled - start)))
            take(buffer.span.extracting(start..<start + part))
            start += part
            missing -= Int64(part)
        }
    }

    /// Returns the bytes up to the next line feed, without it; nil at the end of the output.
    func line(most: Int) throws(Failure) -> [UInt8]? {
        var line: [UInt8] = []
        while true {
            if start == filled, try !fill() {
                guard line.isEmpty else {
                    throw Failure(.unavailable, "the output of Git ended early")
                }
                return nil
            }
            let byte = buffer[start]
            start += 1
            if byte == UInt8(ascii: "\n") { return line }
            line.append(byte)
            guard line.count <= most else {
                throw Failure(.data, "the output of Git cannot be read")
            }
        }
    }

    /// Returns all that is left, and ends the command as `finish` does.
    func rest() throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        while try fill() {
            bytes += buffer[start..<filled]
            start = filled
        }
        try finish()
        return bytes
    }

    /// Waits for the end.
    ///
    /// - Throws: exit 65 if Git ended with another code than 0.
    func finish() throws(Failure) {
        guard try !fill() else { throw Failure(.data, "the output of Git cannot be read") }
        let exit = Child.wait(for: process)
        isOver = true
        guard exit == 0 else {
            var text = [UInt8](repeating: 0, count: 2048)
            let count = unsafe pread(errors, &text, text.count, 0)
            let said = String(decoding: text[..<max(0, count)], as: UTF8.self)
            throw Failure(
                .data,
                "Git failed: \(TerminalEscaping.shown(said.split(separator: "\n").first.map(String.init) ?? "no reason given"))",
                help: "the whole history must be here: git fetch --unshallow")
        }
    }

    /// Reads more once all is taken.
    ///
    /// - Returns: false at the end of the output.
    private func fill() throws(Failure) -> Bool {
        guard start == filled else { return true }
        while true {
            let patience = ContinuousClock.now.duration(to: end).components
            guard patience.seconds >= 0, patience.seconds > 0 || patience.attoseconds > 0 else {
                throw Failure(
                    .unavailable, "Git took more than \(Self.longest.components.seconds) s")
            }
            var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&waiting, 1, Int32(min(patience.seconds, 60) * 1000 + 100))
            if ready == 0 || ready < 0 && errno == EINTR { continue }
            let count = unsafe read(output, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(.unavailable, "the output of Git was lost") }
            (start, filled) = (0, count)
            left -= Int64(count)
            guard left >= 0 else {
                throw Failure(.data, "the output of Git is larger than what is read")
            }
            return count > 0
        }
    }

    /// Makes a file without a name, at its start.
    private static func unnamed(_ folder: String, holding bytes: [UInt8]) throws(Failure) -> Int32 {
        let path = folder + "/file"
        let file = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure(.unavailable, "cannot make `\(path)`") }
        _ = unsafe unlink(path)
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe write(file, $0.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                close(file)
                throw Failure(.unavailable, "cannot write in `\(folder)`")
            }
            offset += count
        }
        _ = lseek(file, 0, SEEK_SET)
        return file
    }
}
