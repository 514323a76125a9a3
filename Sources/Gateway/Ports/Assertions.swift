package import InterlockModel

/// Verifies the assertion that a browser returns when a person uses a passkey (docs/specs/approvals.md, section 8). The
/// implementation holds the exact origins. Pure, without I/O; callable from any thread.
package protocol AssertionVerifier: Sendable {
    /// Checks, in this order: the form; `type`; `challenge`; `origin`; `crossOrigin`; the hash of the rp id; the flags
    /// UP and UV; the credential (the named one, not revoked); the algorithm; the signature; and the counter, if the
    /// passkey has one to compare with: it must be larger, or both must be 0. Changes nothing; the caller stores the
    /// counter and checks that the nonce in the statement is live.
    ///
    /// - Parameters:
    /// - challenge: the 32 bytes to be signed: SHA-256 of the statement's pre-authentication encoding.
    ///   - passkey: the passkey that the assertion names; it belongs to the expected signer.
    /// - Throws: the first check that fails.
    func verify(_ assertion: PasskeyAssertion, challenge: [UInt8], by passkey: EnrolledPasskey)
        throws(AssertionRefusal) -> AssertionFinding
}

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
