import CLinux
import Glibc
package import InterlockPorts

/// The result of a command that ran in a sandbox of its own, with bounded output.
package struct CapturedOutput: Sendable {
    /// The last line of the launcher's status, or nil if there was none that could be read.
    package let status: LaunchStatus?
    /// The bytes of output that were taken.
    package let count: Int64
    /// True if the command wrote more than it may and was killed.
    package let isTooLarge: Bool
    /// The first bytes of its standard error.
    package let error: [UInt8]
}

extension AgentLauncher {
    /// The most bytes of a command's standard error that are kept.
    package static let mostErrorBytes = 4096

    /// Runs the command of a sandbox to its end, which the sandbox's wall clock bounds, and copies its standard output.
    ///
    /// - Parameters:
    ///   - target: the file that gets the output, at its position; the caller keeps and closes it.
    ///   - most: the most bytes of output; a command that writes more is killed.
    /// - Throws: an error if it cannot be started, or if the target cannot be written.
    package func capture(
        _ sandbox: AgentSandbox, _ environment: AgentEnvironment, to target: Int32, most: Int64
    ) throws(LaunchFailure) -> CapturedOutput {
        var failure: String?
        let output = try capture(sandbox, environment, most: most) { part in
            failure = Self.write(part, to: target)
            return failure == nil
        }
        if let failure { throw LaunchFailure(reason: failure) }
        return output
    }

    /// - Returns: the reason why the bytes were not written, or nil.
    private static func write(_ bytes: Span<UInt8>, to target: Int32) -> String? {
        var written = 0
        while written < bytes.count {
            let rest = bytes.extracting(written..<bytes.count)
            let count = unsafe rest.withUnsafeBufferPointer {
                unsafe Glibc.write(target, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return "the output cannot be kept: \(describe(errno: errno))" }
            written += count
        }
        return nil
    }

    /// The same for output of which nothing is kept.
    ///
    /// - Parameters:
    ///   - input: the bytes of its standard input.
    ///   - take: receives the output in parts and in order; the command is killed once it returns false.
    package func capture(
        _ sandbox: AgentSandbox, _ environment: AgentEnvironment, input: [UInt8] = [],
        most: Int64, take: (Span<UInt8>) -> Bool
    ) throws(LaunchFailure) -> CapturedOutput {
        var output = try Pipe()
        var error = try Pipe()
        // A pipe would have to be written while the outputs are read.
        let given = try SealedMemory("interlock-input", input)
        defer { withExtendedLifetime(given) {} }
        guard lseek(given.descriptor, 0, SEEK_SET) == 0 else {
            throw LaunchFailure(reason: "the input cannot be read: \(describe(errno: errno))")
        }
        let agent = try launch(
            sandbox, environment,
            Streams(input: given.descriptor, output: output.writeEnd, error: error.writeEnd))
        close(output.takeWriteEnd())
        close(error.takeWriteEnd())
        var copy = OutputCopy(agent: agent, most: most)
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
            if polled[0].revents != 0 { copy.readOutput(output.readEnd, take) }
            if polled[1].revents != 0 { copy.readError(error.readEnd, Self.mostErrorBytes) }
        }
        _ = try agent.reap()
        return CapturedOutput(
            status: copy.status(), count: copy.count, isTooLarge: copy.isTooLarge,
            error: copy.error)
    }
}

/// The state of one copy of a command's two outputs.
private struct OutputCopy {
    let agent: LaunchedAgent
    let most: Int64
    private(set) var isOutputOpen = true
    private(set) var isErrorOpen = true
    private(set) var count: Int64 = 0
    private(set) var isTooLarge = false
    private var isStopped = false
    private(set) var error: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    init(agent: LaunchedAgent, most: Int64) {
        self.agent = agent
        self.most = most
    }

    var isOpen: Bool { isOutputOpen || isErrorOpen }

    mutating func readOutput(_ source: Int32, _ take: (Span<UInt8>) -> Bool) {
        guard let size = read(source) else {
            isOutputOpen = false
            return
        }
        // Output after a failure is read and dropped until the command has ended.
        guard !isTooLarge, !isStopped else { return }
        guard count + Int64(size) <= most else {
            isTooLarge = true
            return agent.kill()
        }
        guard take(buffer.span.extracting(0..<size)) else {
            isStopped = true
            return agent.kill()
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
