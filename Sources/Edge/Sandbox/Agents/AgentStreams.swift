import CLinux
import Glibc
package import InterlockPorts
import Synchronization

/// The three streams of a command as pipes or a terminal of its own, copied to and from those of this process: a command
/// never holds a file or a terminal of its caller.
package final class AgentStreams: Sendable {
    /// The ends of the command; closed by `start`.
    package let own: AgentLauncher.Streams
    /// Is nil if all three are pipes.
    package let terminal: AgentTerminal?
    /// This process's end of the command's input.
    private let input: Int32
    /// This process's ends of the command's outputs, each with the stream that it is copied to.
    private let outputs: [(source: Int32, target: Int32)]
    /// The number of the command's outputs that have not ended.
    private let openOutputs: Mutex<Int>

    /// - Parameter hasInput: whether the command reads this process's standard input; otherwise its input is empty.
    package init(_ use: TerminalUse = .none, hasInput: Bool = true) throws(LaunchFailure) {
        let terminal = try AgentTerminal(use)
        var outputs: [(source: Int32, target: Int32)] = []
        func end(_ target: Int32, isCovered: Bool?) throws(LaunchFailure) -> Int32 {
            if let terminal, isCovered == true { return terminal.theirs }
            var pipe = try Pipe()
            outputs.append((pipe.takeReadEnd(), target))
            return pipe.takeWriteEnd()
        }
        var command = terminal?.theirs ?? -1
        var ours = terminal?.ours ?? -1
        if let terminal {
            outputs.append((terminal.ours, terminal.display))
        } else {
            // The write end closes with this scope if there is no input.
            var pipe = try Pipe()
            command = pipe.takeReadEnd()
            if hasInput { ours = pipe.takeWriteEnd() }
        }
        own = AgentLauncher.Streams(
            input: command, output: try end(1, isCovered: terminal?.coversOutput),
            error: try end(2, isCovered: terminal?.coversError))
        input = ours
        openOutputs = Mutex(outputs.count)
        self.outputs = outputs
        self.terminal = terminal
    }

    /// Closes the command's ends, after its start or after a failure of it, and begins to copy.
    ///
    /// - Throws: an error if there is no thread.
    package func start() throws(LaunchFailure) {
        closeOwn()
        var copies = input < 0 ? [] : [CommandThread { [self] in copyInput() }]
        for output in outputs {
            copies.append(
                CommandThread { [self] in
                    _ = copy(from: output.source, to: output.target)
                    end(output.source)
                })
        }
        for copy in copies where !copy.start() {
            throw LaunchFailure(reason: "no thread is left to copy the streams")
        }
        terminal?.start()
    }

    package func closeOwn() {
        for end in Set([own.input, own.output, own.error]) { close(end) }
    }

    /// Waits until the outputs have been copied to their ends, and restores the caller's terminal.
    ///
    /// - Parameter patience: the longest time to wait, or nil for no limit: this process's own reader may be slow.
    package func finish(within patience: Duration?) {
        let deadline = patience.map { ContinuousClock.now + $0 }
        while openOutputs.withLock({ $0 }) > 0 {
            if let deadline, ContinuousClock.now >= deadline { break }
            usleep(2_000)
        }
        terminal?.finish()
    }

    private func copyInput() {
        let last = copy(from: 0, to: input)
        if let terminal { terminal.endInput(after: last) } else { close(input) }
    }

    /// The end of a terminal is used for the input too, so it is closed with this process.
    private func end(_ descriptor: Int32) {
        if descriptor != input { close(descriptor) }
        openOutputs.withLock { $0 -= 1 }
    }

    /// Copies until the end of either side.
    ///
    /// - Returns: the last byte that was read, or nil if there was none.
    private func copy(from source: Int32, to target: Int32) -> UInt8? {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var last: UInt8?
        while true {
            let count = unsafe read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return last }
            last = buffer[count - 1]
            var offset = 0
            while offset < count {
                let written = unsafe buffer.withUnsafeBytes {
                    unsafe write(target, $0.baseAddress?.advanced(by: offset), count - offset)
                }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return last }
                offset += written
            }
        }
    }
}
