package import InterlockModel

/// Why bytes of an authenticator cannot be read.
package enum AuthenticatorFault: Error, Hashable, Sendable {
    case cbor(CBORError)
    /// authenticatorData is cut short, has bytes behind its end, or flags that contradict each other.
    case badData
    /// The key's members are not those of its kind, or its numbers are out of bounds.
    case badKey
    /// A key that is neither for ES256 nor EdDSA nor RS256.
    case otherAlgorithm
}

/// Why a new passkey is not taken, in the order in which it is looked at.
package enum RegistrationRefusal: Error, Hashable, Sendable {
    /// What assertions are looked at for too; of these checks the first that failed.
    case ceremony(AssertionRefusal)
    /// attestationObject is not what its form says.
    case malformed
    case authenticator(AuthenticatorFault)
    /// The browser says another credential than the authenticator.
    case otherCredential
    /// An attestation of a kind that is not judged here.
    case otherAttestation(String)
    /// The attestation's signature does not hold.
    case badAttestation
}
