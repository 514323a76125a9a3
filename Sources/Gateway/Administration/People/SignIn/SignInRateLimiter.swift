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

/// The unit that sign-in attempts are counted by: one IPv4 address, or the first 64 bits of an IPv6 address, since a
/// client usually controls all addresses of such a network.
struct SourceNetwork: Hashable, Sendable {
    let text: String

    /// - Parameter source: an address without port, or nil for the gateway's own machine. Text that is not an address
    ///   is used as it is.
    init(of source: String?) {
        guard let source else {
            text = "local"
            return
        }
        let address = source.split(separator: "%", omittingEmptySubsequences: false).first ?? ""
        guard address.contains(":") else {
            text = source
            return
        }
        if let mapped = address.split(separator: ":").last, mapped.contains(".") {
            text = String(mapped)
            return
        }
        text = Self.prefix(of: address).map { String($0, radix: 16) }.joined(separator: ":") + "/64"
    }

    /// The first four groups; `::` is expanded to its zeros.
    private static func prefix(of address: Substring) -> [UInt16] {
        let fields = address.split(separator: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (place, field) in fields.enumerated() where groups.count < 4 {
            if field.isEmpty, place > 0 {
                let after = fields[(place + 1)...].count { !$0.isEmpty }
                groups += Array(repeating: 0, count: max(1, 8 - groups.count - after))
            } else if !field.isEmpty {
                groups.append(UInt16(field, radix: 16) ?? 0)
            }
        }
        return Array((groups + [0, 0, 0, 0]).prefix(4))
    }
}
