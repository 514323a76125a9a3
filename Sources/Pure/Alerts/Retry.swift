package import InterlockModel

/// The result of a delivery attempt.
package enum DeliveryResult: Sendable, Equatable {
    case delivered
    /// Worth a retry: no connection, a timeout, 408, 425, 429, 5xx.
    case failed(String)
    /// A retry would fail in the same way: any other response.
    case refused(String)

    /// Classifies the status of an HTTP response.
    package init(status: Int) {
        self =
            switch status {
            case 200...299: .delivered
            case 408, 425, 429, 500...599: .failed("HTTP \(status)")
            // Redirects are not followed: only the configured receiver is used.
            default: .refused("HTTP \(status)")
            }
    }
}

/// The retry schedule: 1, 2, 4 ... 300 seconds with jitter, for 24 hours.
package enum Retry {
    package static let longest: Duration = .seconds(300)
    package static let patience: Duration = .seconds(86_400)

    /// - Parameters:
    ///   - tries: the number of attempts so far, at least 1.
    ///   - jitter: any number; the pause is between half of the step and the whole step.
    package static func pause(after tries: Int, jitter: UInt64) -> Duration {
        let step = tries >= 10 ? longest : min(.seconds(1 << (max(tries, 1) - 1)), longest)
        let half = step.microseconds / 2
        return .microseconds(half + Int64(jitter % UInt64(half + 1)))
    }

    /// Returns the time of the next attempt, or nil if the schedule has ended.
    package static func next(
        after tries: Int, since first: Timestamp, now: Timestamp, jitter: UInt64
    ) -> Timestamp? {
        let next = now + pause(after: tries, jitter: jitter)
        return next - first <= patience ? next : nil
    }
}
