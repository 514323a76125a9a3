/// One line of the program's own log, for operators. A string literal makes an info line of the gateway.
package struct LogLine: Sendable, Hashable, ExpressibleByStringInterpolation {
    package enum Level: String, Sendable { case info, warning, error }

    package let message: String
    package let level: Level
    /// The component of this program that writes the line.
    package let part: String

    package init(_ message: String, _ level: Level = .info, part: String = "gateway") {
        self.message = message
        self.level = level
        self.part = part
    }

    package init(stringLiteral text: String) { self.init(text) }
}
