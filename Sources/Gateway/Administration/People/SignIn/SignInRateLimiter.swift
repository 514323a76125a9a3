import InterlockJSON
package import InterlockModel

/// How often one address, or one IPv6 network of 64 bits, may try to sign in. Nobody's account is ever locked, since then anybody could lock it:
/// an address that tries too often waits, and tries of other addresses, and of the machine itself, count apart.
package struct SignInRateLimiter: Sendable {
    /// Tries at once, and the time after which there is one more.
    package static let burst = 20
    package static let refill = Duration.seconds(3)
    /// Addresses that are remembered. Those that have all their tries again are forgotten first; when none has,
    /// whoever is new shares one place.
    package static let most = 4096

    /// When all tries are there again; what lies behind `now` is full.
    private var full: [ExactText: Timestamp] = [:]

    package init() {}

    /// - Parameter source: the address, nil for the machine that the gateway runs on, which never waits.
    /// - Returns: how long to wait; nil when this try counts.
    package mutating func admit(_ source: String?, at now: Timestamp) -> Duration? {
        guard let source else { return nil }
        let key = place(of: SourceNetwork(of: source).text, at: now)
        let from = max(full[key] ?? now, now)
        let ahead = from - now
        let limit = Self.refill * (Self.burst - 1)
        guard ahead <= limit else { return ahead - limit }
        full[key] = from + Self.refill
        return nil
    }

    private mutating func place(of source: String, at now: Timestamp) -> String {
        if full[source] != nil { return source }
        if full.count >= Self.most { full = full.filter { now < $0.value } }
        return full.count < Self.most ? source : ""
    }
}
