import InterlockJSON
package import InterlockModel
import InterlockPorts

/// Judges assertions of passkeys for one console (WebAuthn Level 3, section 7.2), in the order of the
/// specification of approvals, section 8. About 100 microseconds, most of it the signature.
package struct PasskeyVerifier: AssertionVerifier {
    /// nil: whichever console the passkey was made for, at whichever of its addresses. Only of what was believed
    /// before, since a console may have moved.
    private let party: RelyingParty?

    package init(_ party: RelyingParty) { self.party = party }

    private init() { party = nil }

    /// For what was judged when it came.
    package static let ofThePast = PasskeyVerifier()

    package func verify(
        _ assertion: PasskeyAssertion, challenge: [UInt8], by passkey: EnrolledPasskey
    ) throws(AssertionRefusal) -> AssertionFinding {
        guard let client = try? ClientData(parsing: assertion.clientDataJSON),
            let data = try? AuthenticatorData(parsing: assertion.authenticatorData),
            // A key in an assertion is the authenticator's word for who it is.
            data.attested == nil
        else { throw .malformed }
        guard
            let party = party
                ?? RelyingParty(id: passkey.relyingParty, origins: [client.origin])
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

/// What authenticators sign: their data, and behind it the hash of what the browser says.
func signedBytes(_ authenticatorData: [UInt8], _ clientDataJSON: [UInt8]) -> [UInt8] {
    authenticatorData + OpenSSLHashing().sha256(clientDataJSON.span).bytes
}
