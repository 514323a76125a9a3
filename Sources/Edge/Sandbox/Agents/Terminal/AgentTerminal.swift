import CSpawn
import Glibc
package import InterlockPorts

/// The streams of a command that are a terminal.
package enum TerminalUse: Sendable, Hashable {
    /// Pipes alone.
    case none
    /// A terminal in place of those of the caller's streams that are one; standard input must be.
    case asCaller
    /// A terminal in place of all three streams, also without a caller's.
    case always
}

/// The pseudo-terminal of one command, made for it: the command never holds its caller's terminal, which it could type
/// into. What is sent to two streams of a terminal arrives as one.
///
/// While the command runs the caller's terminal is raw: keys that make signals make them inside.
package final class AgentTerminal: Sendable {
    /// A change that is seen outside.
    package enum Event: Sendable, Hashable {
        /// The caller's terminal has another size.
        case resized
        /// The caller suspends this process.
        case suspended
        /// It is continued, in the foreground or the background.
        case resumed
    }

    let ours: Int32
    /// The command's end.
    let theirs: Int32
    let coversOutput: Bool
    let coversError: Bool
    /// The stream of this process that shows what the command writes to its terminal.
    let display: Int32
    private let hasCaller: Bool

    /// - Returns: nil if the command gets none.
    package init?(_ use: TerminalUse) throws(LaunchFailure) {
        guard use != .none else { return nil }
        hasCaller = CallerTerminal.isInput
        var (ours, theirs): (Int32, Int32) = (-1, -1)
        let error = unsafe interlock_open_terminal(
            hasCaller ? CallerTerminal.input : -1, &ours, &theirs)
        guard error == 0 else {
            throw LaunchFailure(reason: "there is no terminal: \(describe(errno: error))")
        }
        (self.ours, self.theirs) = (ours, theirs)
        coversOutput = use == .always || isatty(1) == 1
        coversError = use == .always || isatty(2) == 1
        display = use == .always || coversOutput ? 1 : coversError ? 2 : CallerTerminal.input
    }

    /// Begins to pass on keys; the last step of a start.
    func start() {
        guard hasCaller else { return }
        CallerTerminal.setRaw()
        interlock_copy_size(CallerTerminal.input, ours)
    }

    /// Restores the caller's terminal.
    func finish() { if hasCaller { CallerTerminal.restore() } }

    package func note(_ event: Event) {
        guard hasCaller else { return }
        switch event {
        case .resized: interlock_copy_size(CallerTerminal.input, ours)
        case .suspended:
            CallerTerminal.restore()
            // All threads stop here, until the caller continues them.
            kill(getpid(), SIGSTOP)
        case .resumed:
            CallerTerminal.setRaw()
            interlock_copy_size(CallerTerminal.input, ours)
        }
    }

    /// Writes what the command reads as the end of its input, if its terminal has one now.
    ///
    /// - Parameter last: the last byte of the input, or nil if there was none.
    func endInput(after last: UInt8?) {
        var bytes: [UInt8] = [0, 0]
        let isLineStart = last == nil || last == UInt8(ascii: "\n")
        let count = unsafe interlock_end_of_file(ours, isLineStart ? 1 : 0, &bytes)
        guard count > 0 else { return }
        _ = unsafe write(ours, &bytes, Int(count))
    }
}
