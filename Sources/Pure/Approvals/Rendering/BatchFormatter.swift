import InterlockJSON

/// The text of a batch: the first request whole, and of each other one the lines that differ from it.
package enum BatchFormatter {
    /// A line is left out only if the first request has the same bytes at the same place. A request with another number
    /// of lines is whole: something is absent in one of the two, and no line of it would say so.
    ///
    /// - Parameter requests: the lines of each request.
    package static func lines(of requests: [[String]]) -> [String] {
        guard let first = requests.first else { return [] }
        var lines = first
        for request in requests.dropFirst() {
            lines.append("")
            guard request.count == first.count else {
                lines += request
                continue
            }
            for (line, known) in zip(request, first) where !sameBytes(line, known) {
                lines.append(line)
            }
        }
        return lines
    }
}
