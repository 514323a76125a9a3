/// The time that a call has spent at its server. Pauses during which people are asked do not count.
///
/// INVARIANT: the time in which a caller is asked does not count for the call. Kept by `ModernHTTPTests`,
/// `LegacyQuestionTests`, `UpstreamConductTests`.
struct CallClock: Sendable {
    private let limit: Duration
    private var usedNanoseconds: UInt64 = 0
    private var startedNanoseconds: UInt64?

    init(limit: Duration) { self.limit = limit }

    /// - Returns: the rest of the limit.
    mutating func start(nowNanoseconds: UInt64) -> Duration {
        startedNanoseconds = nowNanoseconds
        return limit - .nanoseconds(Int64(clamping: usedNanoseconds))
    }

    mutating func stop(nowNanoseconds: UInt64) {
        guard let started = startedNanoseconds else { return }
        usedNanoseconds = usedNanoseconds.addingClamped(nowNanoseconds - started)
        startedNanoseconds = nil
    }
}
