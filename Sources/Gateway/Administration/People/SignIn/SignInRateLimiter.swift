import InterlockJSON
package import InterlockModel

/// The rate limit of sign-in attempts per IPv4 address or IPv6 network of 64 bits. Accounts are never locked, since
/// anybody could then lock them: an address over the limit must wait, and attempts from other addresses and from the
/// machine itself are not affected.
package struct SignInRateLimiter: Sendable {
    /// The number of attempts at once, and the time until one more is available.
    package static let burst = 20
    package static let refill = Duration.seconds(3)
    /// The number of addresses that are remembered. Addresses whose limit has recovered are forgotten first; if all are
    /// in use, new addresses share one limit.
    package static let most = 4096

    /// The time at which each address's limit is fully recovered; a time in the past means fully recovered.
    private var full: [ExactText: Timestamp] = [:]

    package init() {}

    /// - Parameter source: the address, or nil for the gateway's own machine, which never waits.
    /// - Returns: the time to wait, or nil if the attempt is admitted.
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
