/// What a browser hands back when a person made a passkey. Nothing of it is verified.
package struct RegistrationResponse: Hashable, Sendable {
    /// As the browser names it.
    package let credential: PasskeyID
    package let attestationObject: [UInt8]
    package let clientDataJSON: [UInt8]

    package init(credential: PasskeyID, attestationObject: [UInt8], clientDataJSON: [UInt8]) {
        self.credential = credential
        self.attestationObject = attestationObject
        self.clientDataJSON = clientDataJSON
    }
}

/// A passkey that was made for this console and has passed every check of a registration. Whose it is, and that
/// nobody has enrolled it before, is for the register of people to say.
package struct RegisteredPasskey: Hashable, Sendable {
    package let id: PasskeyID
    package let algorithm: PasskeyAlgorithm
    /// In COSE's form, as it came.
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
