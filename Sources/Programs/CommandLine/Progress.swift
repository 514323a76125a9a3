import InterlockCredentials
import InterlockModel
import Synchronization

/// The progress of long work, as one line on standard error that is rewritten. Only a terminal receives it, and only if
/// the work takes more than a second. Any thread may count.
///
/// The caller ends it before it prints anything else; the line is erased then.
package final class Progress: Sendable {
    private let line: Mutex<ProgressLine>
    private let isShown: Bool

    /// - Parameters:
    ///   - words: the work in a few words, such as `records read`.
    ///   - total: the count at the end, or nil if it is unknown; evaluated for a terminal alone.
    package init(_ words: String, of total: @autoclosure () -> UInt64? = nil) {
        isShown = TerminalStyle.error.isInteractive
        line = Mutex(
            ProgressLine(words, of: isShown ? total() : nil, since: SystemClock().boot))
    }

    /// Counts `more` units of work that are done.
    package func add(_ more: UInt64 = 1) {
        guard isShown else { return }
        line.withLock { line in
            line.done += more
            if let text = line.next(at: SystemClock().boot) { Output.rewrite(text) }
        }
    }

    /// Erases the line. Later counts write nothing.
    package func end() {
        guard isShown else { return }
        line.withLock { line in
            if let text = line.erased() { Output.rewrite(text) }
        }
    }
}

/// The texts of a progress line, each with the return to the line's beginning and the spaces that erase the text before
/// it: any terminal understands these.
struct ProgressLine {
    /// The work lasts this long before the first text.
    private static let patience = Duration.seconds(1)
    /// The least time between two texts.
    private static let pause = Duration.milliseconds(250)

    var done: UInt64 = 0
    private let words: String
    private let total: UInt64?
    /// The time from which on the next text is due, or nil after the end.
    private var due: BootTime?
    /// The characters on the terminal.
    private var width = 0

    init(_ words: String, of total: UInt64?, since start: BootTime) {
        (self.words, self.total) = (words, total)
        due = start + Self.patience
    }

    /// Returns the bytes to write, or nil if no text is due.
    mutating func next(at now: BootTime) -> String? {
        guard let due, now > due else { return nil }
        self.due = now + Self.pause
        let text = "\(words): \(done)" + (total.map(share) ?? "")
        defer { width = text.count }
        return "\r" + text.padded(to: width)
    }

    /// Ends the line; returns the bytes that erase it, or nil if it was never written.
    mutating func erased() -> String? {
        due = nil
        guard width > 0 else { return nil }
        defer { width = 0 }
        return "\r" + "".padded(to: width) + "\r"
    }

    /// The share is below 100 % until all is done. Work that turned out longer than expected has none.
    private func share(of total: UInt64) -> String {
        guard total > 0, done <= total else { return "" }
        return " of \(total), \(Int(Double(done) / Double(total) * 100)) %"
    }
}
