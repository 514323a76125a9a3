/// Reads the reason why a connection was not made.
enum ConnectionFault {
    /// The failure that a text of libpq describes. The attempts of several addresses follow each other in it; the last one
    /// counts.
    ///
    /// - Parameters:
    ///   - text: with SQLSTATEs, as `PQERRORS_VERBOSE` has them; empty if the time was over.
    ///   - limit: the milliseconds that the connection had.
    static func failure(_ text: String, within limit: Int64) -> StoreCallFailure {
        let lines = text.split(separator: "\n")
        guard let line = lines.last(where: { $0.hasPrefix("connection to server") }) ?? lines.first
        else { return .unknown("cannot connect to the store within \(limit) ms") }
        if let (code, reason) = refusal(in: line) { return .refused(code: code, reason: reason) }
        // libpq has no SQLSTATE for what it finds by itself.
        if line.hasSuffix("no password supplied") {
            return .refused(code: "28P01", reason: "no password supplied")
        }
        return .unknown("cannot connect to the store: \(line)")
    }

    /// The parts of `... failed: FATAL:  28P01: password authentication failed for user "x"`. The name of the severity is
    /// in the language of the server.
    private static func refusal(in line: Substring) -> (code: String, reason: String)? {
        for place in line.ranges(of: ":  ").map(\.upperBound) {
            let code = line[place...].prefix(5)
            let rest = line[code.endIndex...]
            let isCode = code.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0)
            }
            if code.utf8.count == 5, isCode, rest.hasPrefix(": ") {
                return (String(code), String(rest.dropFirst(2)))
            }
        }
        return nil
    }
}
