import InterlockJSON
import InterlockModel

/// An issuer's known keys and the time of the next fetch. A value: its owner fetches when it says so. Times count
/// from boot, so a clock change does not make old keys young.
///
/// INVARIANT: an issuer that fails delays no call. Kept by `test_issuers.py`.
struct KeySetCache {
    enum Answer {
        case key(VerificationKey)
        /// There are keys, but none with this `kid` for the algorithm.
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
        // A key is for its own algorithm only.
        guard let key = keys.keys[kid], key.algorithm == algorithm else { return .unknown }
        return .key(key)
    }

    /// Returns true if a token with an unknown key may start a fetch now, and marks it as started.
    mutating func beginAsked(at now: BootTime) -> Bool { begin(after: times.retry, at: now) }

    /// Returns true if a scheduled fetch is due, and marks it as started.
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

    /// Ends a fetch; `found` is nil if it failed.
    ///
    /// - Returns: whether a token that was accepted may no longer be valid.
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
