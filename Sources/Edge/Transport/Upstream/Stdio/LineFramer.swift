import InterlockJSON

/// Splits a byte stream into lines (docs/specs/mcp.md, section 12): one message per line, ended by a newline.
package struct LineFramer: Sendable {
    package struct LineTooLong: Error, Equatable, Sendable {}

    private let limitBytes: Int
    private var held: [UInt8] = []

    /// - Parameter limitBytes: the maximum length of one line without its newline.
    package init(limitBytes: Int) { self.limitBytes = limitBytes }

    /// - Returns: the lines that these bytes complete, without the newline and one carriage return.
    package mutating func feed(_ bytes: [UInt8]) throws(LineTooLong) -> [[UInt8]] {
        Steps.count(bytes.count)
        var lines: [[UInt8]] = []
        let span = bytes.span
        var start = 0
        while let end = span.firstIndex(of: UInt8(ascii: "\n"), from: start) {
            guard held.count + end - start <= limitBytes else { throw LineTooLong() }
            span.append(start..<end, to: &held)
            if held.last == UInt8(ascii: "\r") { held.removeLast() }
            lines.append(held)
            held = []
            start = end + 1
        }
        guard held.count + bytes.count - start <= limitBytes else { throw LineTooLong() }
        span.append(start..<bytes.count, to: &held)
        return lines
    }
}
