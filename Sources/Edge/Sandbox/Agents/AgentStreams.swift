import CLinux
import Glibc
package import InterlockPorts
import Synchronization

/// The three streams of a command as pipes, copied to and from those of this process: a command never holds a file or a
/// terminal of its caller.
package final class AgentStreams: Sendable {
    /// The ends of the command; closed by `start`.
    package let own: AgentLauncher.Streams
    private let input: Int32
    private let output: Int32
    private let error: Int32
    /// The number of the command's outputs that have not ended.
    private let openOutputs = Mutex(2)

    package init() throws(LaunchFailure) {
        var input = try Pipe()
        var output = try Pipe()
        var error = try Pipe()
        own = AgentLauncher.Streams(
            input: input.takeReadEnd(), output: output.takeWriteEnd(), error: error.takeWriteEnd())
        self.input = input.takeWriteEnd()
        self.output = output.takeReadEnd()
        self.error = error.takeReadEnd()
    }

    /// Closes the command's ends, after its start or after a failure of it, and begins to copy.
    ///
    /// - Throws: an error if there is no thread.
    package func start() throws(LaunchFailure) {
        closeOwn()
        let copies = [
            CommandThread { [self] in
                copy(from: 0, to: input)
                close(input)
            },
            CommandThread { [self] in
                copy(from: output, to: 1)
                end(output)
            },
            CommandThread { [self] in
                copy(from: error, to: 2)
                end(error)
            },
        ]
        for copy in copies where !copy.start() {
            throw LaunchFailure(reason: "no thread is left to copy the streams")
        }
    }

    package func closeOwn() {
        for end in [own.input, own.output, own.error] { close(end) }
    }

    /// Waits until the outputs have been copied to their ends.
    ///
    /// - Parameter patience: the longest time to wait, or nil for no limit: this process's own reader may be slow.
    package func finish(within patience: Duration?) {
        let deadline = patience.map { ContinuousClock.now + $0 }
        while openOutputs.withLock({ $0 }) > 0 {
            if let deadline, ContinuousClock.now >= deadline { return }
            usleep(2_000)
        }
    }

    private func end(_ descriptor: Int32) {
        close(descriptor)
        openOutputs.withLock { $0 -= 1 }
    }

    /// Copies until the end of either side.
    private func copy(from source: Int32, to target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            var offset = 0
            while offset < count {
                let written = unsafe buffer.withUnsafeBytes {
                    unsafe write(target, $0.baseAddress?.advanced(by: offset), count - offset)
                }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return }
                offset += written
            }
        }
    }
}
