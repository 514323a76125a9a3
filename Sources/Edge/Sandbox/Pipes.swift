import CLinux
import Glibc
import InterlockPorts

/// Both ends of a pipe, close-on-exec. An end that was not taken is closed with it.
struct Pipe: ~Copyable, Sendable {
    private(set) var readEnd: Int32
    private(set) var writeEnd: Int32

    init() throws(LaunchFailure) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else {
            throw LaunchFailure(reason: "no pipe: \(describe(errno: errno))")
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        if readEnd >= 0 { close(readEnd) }
        if writeEnd >= 0 { close(writeEnd) }
    }

    /// Passes the descriptor to the caller, which must close it.
    mutating func takeReadEnd() -> Int32 {
        defer { readEnd = -1 }
        return readEnd
    }

    mutating func takeWriteEnd() -> Int32 {
        defer { writeEnd = -1 }
        return writeEnd
    }

    /// Reads to the end of the stream and returns the text without a final newline; bytes above `limit` are dropped.
    func readAll(limit: Int) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while true {
            let count = unsafe read(readEnd, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer.prefix(min(count, limit - bytes.count))
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The three streams of a child. The gateway's ends are non-blocking, the child's are not.
struct StandardStreams: ~Copyable {
    var input: Pipe
    var output: Pipe
    var error: Pipe

    init(blocking: Bool = false) throws(LaunchFailure) {
        let input = try Pipe()
        let output = try Pipe()
        let error = try Pipe()
        if !blocking {
            for end in [input.writeEnd, output.readEnd, error.readEnd] {
                guard fcntl(end, F_SETFL, O_NONBLOCK) == 0 else {
                    throw LaunchFailure(reason: "no pipe: \(describe(errno: errno))")
                }
            }
        }
        self.input = input
        self.output = output
        self.error = error
    }

    /// Closes the child's ends after the start; otherwise the streams of an ended child would seem open.
    mutating func closeChildEnds() {
        for end in [input.takeReadEnd(), output.takeWriteEnd(), error.takeWriteEnd()] { close(end) }
    }
}
