import CLinux
import Glibc
package import InterlockPorts

/// The result of a command that ran in a sandbox of its own, without input and with bounded output.
package struct CapturedOutput: Sendable {
    /// The last line of the launcher's status, or nil if there was none that could be read.
    package let status: LaunchStatus?
    /// The bytes that were written to the target.
    package let count: Int64
    /// True if the command wrote more than it may and was killed.
    package let isTooLarge: Bool
    /// The first bytes of its standard error.
    package let error: [UInt8]
}

extension AgentLauncher {
    private static let mostErrorBytes = 4096

    /// Runs the command of a sandbox to its end, which the sandbox's wall clock bounds, and copies its standard output.
    ///
    /// - Parameters:
    ///   - target: the file that gets the output, at its position; the caller keeps and closes it.
    ///   - most: the most bytes of output; a command that writes more is killed.
    /// - Throws: an error if it cannot be started, or if the target cannot be written.
    package func capture(
        _ sandbox: AgentSandbox, _ environment: AgentEnvironment, to target: Int32, most: Int64
    ) throws(LaunchFailure) -> CapturedOutput {
        var output = try Pipe()
        var error = try Pipe()
        let null = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard null >= 0 else { throw LaunchFailure(reason: "`/dev/null` cannot be opened") }
        defer { close(null) }
        let agent = try launch(
            sandbox, environment,
            Streams(input: null, output: output.writeEnd, error: error.writeEnd))
        close(output.takeWriteEnd())
        close(error.takeWriteEnd())
        var copy = OutputCopy(agent: agent, target: target, most: most)
        while copy.isOpen {
            var polled = [
                pollfd(
                    fd: copy.isOutputOpen ? output.readEnd : -1, events: Int16(POLLIN), revents: 0),
                pollfd(
                    fd: copy.isErrorOpen ? error.readEnd : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard unsafe poll(&polled, nfds_t(polled.count), -1) >= 0 || errno == EINTR else {
                agent.kill()
                break
            }
            if polled[0].revents != 0 { copy.readOutput(output.readEnd) }
            if polled[1].revents != 0 { copy.readError(error.readEnd, Self.mostErrorBytes) }
        }
        _ = try agent.reap()
        if let reason = copy.failure { throw LaunchFailure(reason: reason) }
        return CapturedOutput(
            status: copy.status(), count: copy.count, isTooLarge: copy.isTooLarge,
            error: copy.error)
    }
}

/// The state of one copy of a command's two outputs.
private struct OutputCopy {
    let agent: LaunchedAgent
    let target: Int32
    let most: Int64
    private(set) var isOutputOpen = true
    private(set) var isErrorOpen = true
    private(set) var count: Int64 = 0
    private(set) var isTooLarge = false
    private(set) var failure: String?
    private(set) var error: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    init(agent: LaunchedAgent, target: Int32, most: Int64) {
        self.agent = agent
        self.target = target
        self.most = most
    }

    var isOpen: Bool { isOutputOpen || isErrorOpen }

    mutating func readOutput(_ source: Int32) {
        guard let size = read(source) else {
            isOutputOpen = false
            return
        }
        // Output after a failure is read and dropped until the command has ended.
        guard !isTooLarge, failure == nil else { return }
        guard count + Int64(size) <= most else {
            isTooLarge = true
            return agent.kill()
        }
        var offset = 0
        while offset < size {
            let written = unsafe buffer.withUnsafeBytes {
                unsafe Glibc.write(target, $0.baseAddress?.advanced(by: offset), size - offset)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                failure = "the output cannot be kept: \(describe(errno: errno))"
                return agent.kill()
            }
            offset += written
        }
        count += Int64(size)
    }

    mutating func readError(_ source: Int32, _ most: Int) {
        guard let size = read(source) else {
            isErrorOpen = false
            return
        }
        error += buffer.prefix(min(size, most - error.count))
    }

    /// - Returns: the number of bytes in the buffer, or nil at the end of the stream.
    private mutating func read(_ source: Int32) -> Int? {
        while true {
            let count = unsafe Glibc.read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            return count > 0 ? count : nil
        }
    }

    /// The last status of the launcher, which has ended.
    mutating func status() -> LaunchStatus? {
        var reader = LaunchStatusReader()
        var last: LaunchStatus?
        while let size = read(agent.status) {
            last = reader.read(buffer.prefix(size)).last ?? last
        }
        return reader.isBroken ? nil : last
    }
}
