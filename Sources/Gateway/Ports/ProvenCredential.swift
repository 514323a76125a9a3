package import InterlockModel

/// Whom a head's credential was found to name. A request is judged twice, once by its head and once
/// whole, and a connection repeats its heads; so the credential is looked up when something could have
/// changed and not more often.
package struct ProvenCredential: Sendable {
    package let principal: Principal
    /// `Authenticator.revocations` as read before the look-up.
    private let revocations: UInt64
    private let at: Timestamp

    package init(_ principal: Principal, revocations: UInt64, at now: Timestamp) {
        self.principal = principal
        self.revocations = revocations
        at = now
    }

    /// Whether a new look-up could only end the same way. False near the expiry and when the clock
    /// was set back: there the authenticator's leeway decides.
    package func stands(revocations: UInt64, at now: Timestamp) -> Bool {
        self.revocations == revocations && at <= now && now < principal.expires
    }
}
