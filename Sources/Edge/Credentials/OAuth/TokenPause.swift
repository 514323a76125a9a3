import InterlockModel

/// The pause in which no token is requested because the server rejects even fresh ones: 30 s, doubled up to 5 min
/// each time the first token after a pause is rejected too.
struct TokenPause: Hashable, Sendable {
    static let first = Duration.seconds(30)
    static let longest = Duration.seconds(300)

    private var length = TokenPause.first
    private var end: BootTime

    init(at now: BootTime) { end = now + Self.first }

    /// The remaining time. Returns nil if the pause is over.
    func rest(at now: BootTime) -> Duration? {
        now < end ? .microseconds(Int64(end.microseconds - now.microseconds)) : nil
    }

    /// Returns true if the pause is over, but for less than the longest pause: a rejection now doubles it.
    func isOnTrial(at now: BootTime) -> Bool { now >= end && now < end + Self.longest }

    /// Records that a fresh token was rejected. Rejections during a pause are ignored: those tokens were sent before
    /// it.
    mutating func turnedAway(at now: BootTime) {
        guard rest(at: now) == nil else { return }
        length = isOnTrial(at: now) ? min(length * 2, Self.longest) : Self.first
        end = now + length
    }
}
