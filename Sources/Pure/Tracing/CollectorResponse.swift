import InterlockJSON

/// The result of a batch of spans at a collector (OTLP 1.9, HTTP: response and failures).
package enum CollectorResponse: Sendable, Equatable {
    /// - Parameter rejected: spans that the collector did not take, at least 0; they are not sent again.
    case accepted(rejected: Int)
    /// Worth a retry: no response, or 429, 502, 503 and 504.
    ///
    /// - Parameter after: the pause that the collector asks for.
    case later(after: Duration?, reason: String)
    /// The same batch would be refused again.
    case refused(reason: String)

    private static let limits = JSONLimits(depth: 16, bytes: 1 << 20)
    /// The longest pause that a collector may ask for.
    static let longestWaitSeconds = 300

    /// - Parameter retryAfterSeconds: of the field `Retry-After`, or nil without one in seconds.
    package init(status: Int, body: [UInt8], retryAfterSeconds: Int?) {
        switch status {
        case 200...299: self = .accepted(rejected: Self.rejected(in: body))
        case 429, 502, 503, 504:
            let wait = retryAfterSeconds.map {
                Duration.seconds(min(max($0, 0), Self.longestWaitSeconds))
            }
            self = .later(after: wait, reason: "HTTP \(status)")
        // Redirects are not followed: only the configured collector is used.
        default: self = .refused(reason: "HTTP \(status)")
        }
    }

    /// `partialSuccess.rejectedSpans`: a 64-bit integer, which the JSON mapping writes as a string or as a number.
    /// A body of another form rejects nothing, since the status tells the result.
    private static func rejected(in body: [UInt8]) -> Int {
        guard let response = try? JSONValue(parsing: body, limits: limits),
            let count = response["partialSuccess"]?["rejectedSpans"]
        else { return 0 }
        return max(count.integer.map { Int($0) } ?? count.string.flatMap { Int($0) } ?? 0, 0)
    }
}
