package import InterlockJSON

/// The resource subscriptions that were requested from a legacy server during one stream, and the schedule of retries
/// after failures. Pauses increase with each failure, so that a failing server receives few requests.
package struct SubscriptionTries: Sendable {
    package static let longestPause = Duration.seconds(60)
    /// The number of failures after which no request is made until the current pause ends.
    package static let mostFailures = 3

    private let firstPause: Duration
    /// The resources that were requested and are not known to have failed.
    private var asked: Set<ExactText> = []
    /// The resources that failed since the pause began.
    private var failed: [ExactText] = []
    /// The resources that failed earlier. In both lists, the first one has waited longest.
    private var again: [ExactText] = []
    private var failures = 0
    private var pause: Duration
    private var pauseEnd: Duration?

    /// Creates an empty schedule. All times must come from the same monotonic clock.
    ///
    /// - Parameter firstPause: the pause after a first failure; it doubles each time, up to a minute.
    package init(firstPause: Duration) {
        self.firstPause = firstPause
        pause = firstPause
    }

    /// Returns the requested resources that are no longer wanted, in order. They include failed ones, because a failed
    /// request may have reached the server.
    package func over(_ wanted: Set<ExactText>) -> [String] {
        asked.union(failed).union(again).subtracting(wanted).sorted().texts
    }

    /// Forgets a resource that is no longer wanted or was not requested after all.
    package mutating func forget(_ uri: String) {
        let uri = ExactText(uri)
        asked.remove(uri)
        failed.removeAll { $0 == uri }
        again.removeAll { $0 == uri }
        calmDown()
    }

    /// Returns the next resource to request, new ones first, or nil if none is due until `pauseLeft` has passed.
    package mutating func next(of wanted: Set<ExactText>, at now: Duration) -> String? {
        if let end = pauseEnd, now >= end {
            pauseEnd = nil
            failures = 0
            again += failed
            failed = []
        }
        guard failures < Self.mostFailures else { return nil }
        let new = wanted.subtracting(asked).subtracting(failed).subtracting(again)
        guard let next = new.min() ?? again.first(where: wanted.contains) else { return nil }
        again.removeAll { $0 == next }
        asked.insert(next)
        return next.text
    }

    package mutating func stands() { calmDown() }

    /// Records a failure; ignored if the resource is no longer wanted.
    package mutating func fails(_ uri: String, at now: Duration) {
        guard asked.remove(uri) != nil else { return }
        failed.append(ExactText(uri))
        failures += 1
        guard pauseEnd == nil else { return }
        pauseEnd = now + pause
        pause = min(pause * 2, Self.longestPause)
    }

    /// Returns the time until a failed resource is retried, or nil if no pause is in effect.
    package func pauseLeft(at now: Duration) -> Duration? { pauseEnd.map { max(.zero, $0 - now) } }

    /// Resets the pauses if no failed resource is left.
    private mutating func calmDown() {
        guard failed.isEmpty, again.isEmpty else { return }
        pauseEnd = nil
        failures = 0
        pause = firstPause
    }
}
