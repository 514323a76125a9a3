package import InterlockModel
package import InterlockPorts

/// Verifies new passkeys of one console.
package struct PasskeyRegistrar: RegistrationVerifier {
    private let party: RelyingParty

    package init(_ party: RelyingParty) { self.party = party }

    package func verify(
        _ offer: RegistrationResponse, challenge: [UInt8]
    ) throws(RegistrationFault) -> RegisteredPasskey {
        do throws(RegistrationRefusal) {
            let made = try PasskeyRegistration(
                credential: offer.credential, attestationObject: offer.attestationObject,
                clientDataJSON: offer.clientDataJSON, challenge: challenge, of: party)
            return RegisteredPasskey(
                id: made.id, algorithm: made.algorithm, publicKey: made.publicKey,
                relyingParty: party.id, counter: made.counter)
        } catch {
            throw RegistrationFault("\(error)")
        }
    }
}
