package import InterlockModel

/// The principal that a head's credential identifies. A request is checked twice, once by its head and once whole, and
/// a connection repeats its heads; the result is reused until something could have changed it.
package struct ProvenCredential: Sendable {
    package let principal: Principal
    /// `Authenticator.revocations` as read before the lookup.
    private let revocations: UInt64
    private let at: Timestamp

    package init(_ principal: Principal, revocations: UInt64, at now: Timestamp) {
        self.principal = principal
        self.revocations = revocations
        at = now
    }

    /// Returns whether a new lookup must give the same result. False after the expiry and if the clock was set back:
    /// there the authenticator's leeway decides.
    package func stands(revocations: UInt64, at now: Timestamp) -> Bool {
        self.revocations == revocations && at <= now && now < principal.expires
    }
}
