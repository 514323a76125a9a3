package import InterlockJSON

/// Which resources a legacy server has been asked to tell of while one stream lasts, and when what failed is
/// asked for again: each time after a longer pause, so that a server that fails is asked little.
package struct SubscriptionTries: Sendable {
    package static let longestPause = Duration.seconds(60)
    /// More failures than this between two pauses and nothing is asked for until the next one is over.
    package static let mostFailures = 3

    private let firstPause: Duration
    /// Asked for, and not known to have failed.
    private var asked: Set<ExactText> = []
    /// Since the pause began.
    private var failed: [ExactText] = []
    /// Failed before that. The first of both has waited longest.
    private var again: [ExactText] = []
    private var failures = 0
    private var pause: Duration
    private var pauseEnd: Duration?

    /// Times are of one clock that never goes back.
    ///
    /// - Parameter firstPause: after a first failure; then twice as long each time, up to a minute.
    package init(firstPause: Duration) {
        self.firstPause = firstPause
        pause = firstPause
    }

    /// What the server was asked for and nobody wants any more, in order. What failed may have got through.
    package func over(_ wanted: Set<ExactText>) -> [String] {
        asked.union(failed).union(again).subtracting(wanted).sorted().texts
    }

    /// Nobody wants it any more, or it was not asked for after all.
    package mutating func forget(_ uri: String) {
        let uri = ExactText(uri)
        asked.remove(uri)
        failed.removeAll { $0 == uri }
        again.removeAll { $0 == uri }
        calmDown()
    }

    /// What is asked for now, what is new first; nil where there is nothing before `pauseLeft`.
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

    /// What nobody wants any more has not failed.
    package mutating func fails(_ uri: String, at now: Duration) {
        guard asked.remove(uri) != nil else { return }
        failed.append(ExactText(uri))
        failures += 1
        guard pauseEnd == nil else { return }
        pauseEnd = now + pause
        pause = min(pause * 2, Self.longestPause)
    }

    /// Until something that failed is asked for again; nil where nothing has failed.
    package func pauseLeft(at now: Duration) -> Duration? {
        pauseEnd.map { max(.zero, $0 - now) }
    }

    /// Where nothing is left that failed, the next failure is a first one.
    private mutating func calmDown() {
        guard failed.isEmpty, again.isEmpty else { return }
        pauseEnd = nil
        failures = 0
        pause = firstPause
    }
}
