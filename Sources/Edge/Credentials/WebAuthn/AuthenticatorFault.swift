package import InterlockModel

/// The reason that bytes of an authenticator cannot be parsed.
package enum AuthenticatorFault: Error, Hashable, Sendable {
    case cbor(CBORError)
    /// authenticatorData is truncated, has trailing bytes, or has contradictory flags.
    case badData
    /// The key's members are not those of its kind, or its numbers are out of bounds.
    case badKey
    /// The key is not for ES256, EdDSA or RS256.
    case otherAlgorithm
}

/// The reason that a new passkey is refused.
package enum RegistrationRefusal: Error, Hashable, Sendable {
    /// A check failed that registrations and assertions share; the first such failure.
    case ceremony(AssertionRefusal)
    /// attestationObject does not have its required form.
    case malformed
    case authenticator(AuthenticatorFault)
    /// The browser names another credential than the authenticator.
    case otherCredential
    /// The attestation's format is not supported.
    case otherAttestation(String)
    /// The attestation does not verify.
    case badAttestation
}
