import InterlockJSON
package import InterlockModel
import InterlockPorts

/// Verifies assertions of passkeys for one console (WebAuthn Level 3, section 7.2), in the order of
/// docs/specs/approvals.md, section 8. Takes about 100 microseconds, most of it for the signature.
///
/// INVARIANT: an assertion of a passkey counts as it was made, for this console, challenge and person alone; each
/// fault has its own code, the earlier first. Kept by `PasskeyVerifierTests`, `PasskeyRegistrationTests`,
/// `Fuzz/AuthenticatorData`, `Fuzz/ClientData`, `Fuzz/CBOR`.
package struct PasskeyVerifier: AssertionVerifier {
    /// Is nil if any console and origin that the passkey was made for is accepted. Only evidence that was verified on
    /// arrival may be checked this way, since a console may have moved.
    private let party: RelyingParty?

    package init(_ party: RelyingParty) { self.party = party }

    private init() { party = nil }

    /// A verifier for evidence that was verified on arrival.
    package static let ofThePast = PasskeyVerifier()

    package func verify(
        _ assertion: PasskeyAssertion, challenge: [UInt8], by passkey: EnrolledPasskey
    ) throws(AssertionRefusal) -> AssertionFinding {
        guard let client = try? ClientData(parsing: assertion.clientDataJSON),
            let data = try? AuthenticatorData(parsing: assertion.authenticatorData),
            // A key in an assertion would be the authenticator's unverified claim of its identity.
            data.attested == nil
        else { throw .malformed }
        guard
            let party = party ?? RelyingParty(id: passkey.relyingParty, origins: [client.origin])
        else { throw .wrongOrigin }
        try client.check(.get, challenge: challenge, of: party)
        try data.check(of: party)
        guard assertion.credential == passkey.id, !passkey.isRevoked,
            sameBytes(passkey.relyingParty, party.id)
        else { throw .wrongCredential }
        guard let key = try? CredentialKey(parsing: passkey.publicKey),
            key.algorithm == passkey.algorithm
        else { throw .wrongAlgorithm }
        let message = signedBytes(assertion.authenticatorData, assertion.clientDataJSON)
        guard key.verifies(assertion.signature, of: message) else { throw .badSignature }
        if let last = passkey.counter {
            guard data.counter > last || (data.counter == 0 && last == 0) else {
                throw .counterWentBack
            }
        }
        return AssertionFinding(counter: data.counter, isSynced: data.flags.isSyncable)
    }
}

/// The bytes that an authenticator signs: its data, then the hash of the browser's statement.
func signedBytes(_ authenticatorData: [UInt8], _ clientDataJSON: [UInt8]) -> [UInt8] {
    authenticatorData + OpenSSLHashing().sha256(clientDataJSON.span).bytes
}
