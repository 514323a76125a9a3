import Glibc

/// Emphasis and headers for people at a terminal. A pipe or a file receives neither, so scripts read the same as ever;
/// `NO_COLOR` (https://no-color.org) and `TERM=dumb` leave the headers and take away the emphasis.
package struct TerminalStyle: Sendable {
    package enum Emphasis: String, Sendable {
        case bold = "1"
        case red = "31"
        case yellow = "33"
    }

    package let isInteractive: Bool
    package let isColoured: Bool

    /// - Parameters:
    ///   - noColor: the variable `NO_COLOR`; any text that is not empty turns colours off.
    ///   - term: the variable `TERM`.
    package init(isInteractive: Bool, noColor: String?, term: String?) {
        self.isInteractive = isInteractive
        isColoured = isInteractive && noColor == nil && term != nil && term != "dumb"
    }

    package static let output = TerminalStyle(descriptor: STDOUT_FILENO)
    package static let error = TerminalStyle(descriptor: STDERR_FILENO)

    /// The columns of the terminal on standard output; 80 if it is not a terminal or does not say.
    package static var columns: Int {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return Int(size.ws_col)
    }

    private init(descriptor: Int32) {
        self.init(
            isInteractive: isatty(descriptor) == 1, noColor: environment("NO_COLOR"),
            term: environment("TERM"))
    }

    /// Returns the text with emphasis if this terminal shows any.
    package func emphasized(_ text: String, _ emphasis: Emphasis) -> String {
        isColoured ? "\u{1b}[\(emphasis.rawValue)m\(text)\u{1b}[0m" : text
    }
}
