import InterlockModel

/// How long no token is asked for, because the server turns away even fresh ones: 30 s, doubled up to 5
/// min as often as the first token after a pause is turned away too.
struct TokenPause: Hashable, Sendable {
    static let first = Duration.seconds(30)
    static let longest = Duration.seconds(300)

    private var length = TokenPause.first
    private var end: BootTime

    init(at now: BootTime) { end = now + Self.first }

    /// What is left; nil when it is over.
    func rest(at now: BootTime) -> Duration? {
        now < end ? .microseconds(Int64(end.microseconds - now.microseconds)) : nil
    }

    /// Over, but the token that came after it has not lasted for the longest pause yet.
    func isOnTrial(at now: BootTime) -> Bool { now >= end && now < end + Self.longest }

    /// A fresh token was turned away. Those that went out together count once.
    mutating func turnedAway(at now: BootTime) {
        guard rest(at: now) == nil else { return }
        length = isOnTrial(at: now) ? min(length * 2, Self.longest) : Self.first
        end = now + length
    }
}
