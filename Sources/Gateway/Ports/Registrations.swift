package import InterlockModel

/// Verifies the response that a browser returns when a person creates a passkey (WebAuthn Level 3, section 7.1). The
/// implementation holds the relying party and its exact origins. Pure, without I/O; callable from any thread.
package protocol RegistrationVerifier: Sendable {
    /// - Parameter challenge: the bytes that were issued for this one registration.
    /// - Throws: the first check that fails.
    func verify(_ offer: RegistrationResponse, challenge: [UInt8]) throws(RegistrationFault)
        -> RegisteredPasskey
}

/// The reason why a registration is rejected, in words for the gateway's own log.
package struct RegistrationFault: Error, Hashable, Sendable {
    package let reason: String
    package init(_ reason: String) { self.reason = reason }
}
