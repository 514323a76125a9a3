/// A browser's registration response for a new passkey, unverified.
package struct RegistrationResponse: Hashable, Sendable {
    /// The credential ID that the browser reports.
    package let credential: PasskeyID
    package let attestationObject: [UInt8]
    package let clientDataJSON: [UInt8]

    package init(credential: PasskeyID, attestationObject: [UInt8], clientDataJSON: [UInt8]) {
        self.credential = credential
        self.attestationObject = attestationObject
        self.clientDataJSON = clientDataJSON
    }
}

/// A new passkey that passed every check of the registration for this console. The people directory determines its
/// holder and whether it is already enrolled.
package struct RegisteredPasskey: Hashable, Sendable {
    package let id: PasskeyID
    package let algorithm: PasskeyAlgorithm
    /// The public key in COSE form, byte for byte.
    package let publicKey: [UInt8]
    package let relyingParty: String
    package let counter: UInt32

    package init(
        id: PasskeyID, algorithm: PasskeyAlgorithm, publicKey: [UInt8], relyingParty: String,
        counter: UInt32
    ) {
        self.id = id
        self.algorithm = algorithm
        self.publicKey = publicKey
        self.relyingParty = relyingParty
        self.counter = counter
    }
}
