package import InterlockModel

/// Judges what a browser hands back when a person made a passkey (WebAuthn Level 3, section 7.1). The relying party
/// and its exact origins are the implementation's own. Pure work without I/O; any thread may ask.
package protocol RegistrationVerifier: Sendable {
    /// - Parameter challenge: the bytes that were issued for this one registration.
    /// - Throws: the first thing that is wrong.
    func verify(
        _ offer: RegistrationResponse, challenge: [UInt8]
    ) throws(RegistrationFault) -> RegisteredPasskey
}

/// Why a new passkey is not believed, in words for the gateway's own log.
package struct RegistrationFault: Error, Hashable, Sendable {
    package let reason: String
    package init(_ reason: String) { self.reason = reason }
}
