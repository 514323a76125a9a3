import InterlockJSON
import InterlockModel

/// What is known of an issuer's keys, and when to look again. A value: whoever holds it does what it
/// says. Time is the time since boot, so no change of a clock makes old keys young.
struct KeySetCache {
    enum Answer {
        case key(VerificationKey)
        /// There are keys, and none has this `kid`.
        case unknown
        /// There never were keys, or they are too old.
        case noKeys
    }

    private let times: KeySetTimes
    private var keys: KeySet?
    private var fetched: BootTime?
    private var attempted: BootTime?
    private var isFetching = false

    init(times: KeySetTimes) { self.times = times }

    func answer(_ kid: String, _ algorithm: TokenAlgorithm, at now: BootTime) -> Answer {
        guard let keys, let fetched, now - fetched < times.maximumAge else { return .noKeys }
        // A key is for its own algorithm; under another it is no key at all.
        guard let key = keys.keys[kid], key.algorithm == algorithm else { return .unknown }
        return .key(key)
    }

    /// Whether a token that names no known key may start a look now. True once: it counts as started.
    mutating func beginAsked(at now: BootTime) -> Bool { begin(after: times.retry, at: now) }

    /// The same for a look by the clock.
    mutating func beginDue(at now: BootTime) -> Bool {
        let isFresh = attempted == fetched
        return begin(after: isFresh ? times.refresh : times.retry, at: now)
    }

    private mutating func begin(after pause: Duration, at now: BootTime) -> Bool {
        if isFetching { return false }
        if let attempted, now - attempted < pause { return false }
        isFetching = true
        attempted = now
        return true
    }

    /// Ends a look. - Returns: whether a credential that counted may count no more.
    mutating func end(_ found: KeySet?, at now: BootTime) -> Bool {
        isFetching = false
        guard let found else {
            return keys != nil && fetched.map { now - $0 >= times.maximumAge } == true
        }
        let isChanged = keys != nil && keys != found
        keys = found
        fetched = attempted
        return isChanged
    }
}
