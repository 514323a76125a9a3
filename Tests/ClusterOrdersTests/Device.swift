import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting

/// An authenticator with one Ed25519 passkey, and the browser that asks it.
struct Device {
    static let party = "interlock.example"

    let id: PasskeyID
    private let key: Ed25519PrivateKey

    init(_ number: UInt8) {
        id = PasskeyID(bytes: [UInt8](repeating: number, count: 16)).unwrapped
        key = Ed25519PrivateKey(seed: [UInt8](repeating: number, count: 32)).unwrapped
    }

    /// A COSE_Key: kind 1 (OKP), algorithm -8 (EdDSA), curve 6 (Ed25519), and the 32 bytes of the key.
    var publicKey: [UInt8] {
        [0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20] + key.publicKey.bytes
    }

    /// The assertion by a person who is present and verified, with the counter 8.
    ///
    /// - Parameter origin: that of the page which asked for it.
    func assertion(
        under statement: Envelope, at origin: String = "https://interlock.example"
    ) throws -> PasskeyAssertion {
        let hashing = OpenSSLHashing()
        let client = JSONValue.object([
            "type": "webauthn.get",
            "challenge": .string(Base64.encodeURL(statement.challenge(hashing).bytes)),
            "origin": .string(origin), "crossOrigin": false,
        ]).serialized()
        let data = hashing.sha256(Array(Self.party.utf8)).bytes + [0x05, 0, 0, 0, 8]
        return try PasskeyAssertion(
            credential: id, authenticatorData: data, clientDataJSON: client,
            signature: key.sign(data + hashing.sha256(client).bytes))
    }
}
