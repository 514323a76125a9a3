package import InterlockModel

/// What a try to deliver came to.
package enum DeliveryResult: Sendable, Equatable {
    case delivered
    /// Worth another try: nobody there, too slow, 408, 425, 429, 5xx.
    case failed(String)
    /// Another try would end the same: any other answer.
    case refused(String)

    /// By the status of an HTTP answer.
    package init(status: Int) {
        self =
            switch status {
            case 200...299: .delivered
            case 408, 425, 429, 500...599: .failed("HTTP \(status)")
            // A redirect is not followed: the receiver is the one that was configured.
            default: .refused("HTTP \(status)")
            }
    }
}

/// 1, 2, 4 ... 300 seconds with jitter, for 24 hours.
package enum Retry {
    package static let longest: Duration = .seconds(300)
    package static let patience: Duration = .seconds(86_400)

    /// - Parameters:
    ///   - tries: made so far, 1 or more.
    ///   - jitter: anything; the pause is between half of the step and the whole of it.
    package static func pause(after tries: Int, jitter: UInt64) -> Duration {
        let step = tries >= 10 ? longest : min(.seconds(1 << (max(tries, 1) - 1)), longest)
        let half = step.microseconds / 2
        return .microseconds(half + Int64(jitter % UInt64(half + 1)))
    }

    /// When to try again; nil when that is enough.
    package static func next(
        after tries: Int, since first: Timestamp, now: Timestamp, jitter: UInt64
    ) -> Timestamp? {
        let next = now + pause(after: tries, jitter: jitter)
        return next - first <= patience ? next : nil
    }
}
