package import InterlockModel

/// A passkey that passed every check of a registration (WebAuthn Level 3, section 7.1), except that its id is new and
/// that it belongs to a given person: the directory of people decides that.
package struct PasskeyRegistration: Sendable, Equatable {
    package let id: PasskeyID
    package let algorithm: PasskeyAlgorithm
    /// The key in COSE, with its original bytes.
    package let publicKey: [UInt8]
    package let counter: UInt32
    /// Is true if the passkey may leave its device (flag BE).
    package let isSynced: Bool
    /// The model that the authenticator states (AAGUID): 16 bytes, not proven.
    package let model: [UInt8]

    package static let largestObject = 8 << 10

    /// - Parameters:
    ///   - credential: the id that the browser reports.
    ///   - challenge: the bytes that were issued for this registration.
    /// - Throws: the first failure.
    package init(
        credential: PasskeyID, attestationObject: [UInt8], clientDataJSON: [UInt8],
        challenge: [UInt8], of party: RelyingParty
    ) throws(RegistrationRefusal) {
        let attestation = try Attestation(parsing: attestationObject)
        guard let client = try? ClientData(parsing: clientDataJSON) else {
            throw .ceremony(.malformed)
        }
        let data: AuthenticatorData
        do throws(AuthenticatorFault) {
            data = try AuthenticatorData(parsing: attestation.authenticatorData)
        } catch {
            throw .authenticator(error)
        }
        do throws(AssertionRefusal) {
            try client.check(.create, challenge: challenge, of: party)
            try data.check(of: party)
        } catch {
            throw .ceremony(error)
        }
        guard let attested = data.attested else { throw .authenticator(.badData) }
        guard attested.id == credential else { throw .otherCredential }
        try attestation.verify(
            by: attested.key,
            over: signedBytes(attestation.authenticatorData, clientDataJSON))
        id = attested.id
        algorithm = attested.key.algorithm
        publicKey = attested.publicKey
        counter = data.counter
        isSynced = data.flags.isSyncable
        model = attested.model
    }
}

/// The attestation object of a new passkey: `{fmt, attStmt, authData}` and nothing else. Only `none` and self
/// attestation (`packed` without certificates) are supported: the maker of a device is not verified.
private struct Attestation {
    let authenticatorData: [UInt8]
    private let format: String
    private let statement: [CBORPair]

    init(parsing bytes: [UInt8]) throws(RegistrationRefusal) {
        guard bytes.count <= PasskeyRegistration.largestObject else { throw .malformed }
        let value: CBORValue
        do throws(CBORError) { value = try CBORValue(parsing: bytes) } catch {
            throw .authenticator(.cbor(error))
        }
        guard let fields = value.pairs, fields.count == 3,
            let format = fields.value(of: "fmt")?.text,
            let statement = fields.value(of: "attStmt")?.pairs,
            let data = fields.value(of: "authData")?.bytes
        else { throw .malformed }
        self.format = format
        self.statement = statement
        authenticatorData = data
    }

    func verify(by key: CredentialKey, over message: [UInt8]) throws(RegistrationRefusal) {
        switch format {
        case "none":
            guard statement.isEmpty else { throw .badAttestation }
        case "packed" where statement.value(of: "x5c") == nil:
            guard statement.count == 2,
                statement.value(of: "alg")?.integer == key.algorithm.rawValue,
                let signature = statement.value(of: "sig")?.bytes,
                key.verifies(signature, of: message)
            else { throw .badAttestation }
        default: throw .otherAttestation(String(format.prefix(32)))
        }
    }
}
