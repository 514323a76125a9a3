import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockTesting

@testable import InterlockCredentials

/// A minimal authenticator and browser: makes passkeys and assertions with keys of libcrypto, with any content that a
/// test wants.
struct SoftAuthenticator {
    static let party = RelyingParty(
        id: "interlock.example", origins: ["https://interlock.example"]
    ).unwrapped
    static let challenge = [UInt8](repeating: 0x5a, count: 32)
    static let algorithms: [PasskeyAlgorithm] = [.es256, .eddsa, .rs256]

    let algorithm: PasskeyAlgorithm
    private let key: AssertionKey

    init(_ algorithm: PasskeyAlgorithm) throws {
        self.algorithm = algorithm
        let pem =
            switch algorithm {
            case .es256: AssertionKeys.p256
            case .eddsa: AssertionKeys.ed25519
            case .rs256: AssertionKeys.rsa
            }
        key = try AssertionKey(pem: Array(pem.utf8))
    }

    /// The content of an assertion before it is signed.
    struct Words {
        var type = "webauthn.get"
        var challenge = SoftAuthenticator.challenge
        var origin = "https://interlock.example"
        var crossOrigin: JSONValue? = false
        var relyingParty = "interlock.example"
        var flags: UInt8 = 0x05
        var counter: UInt32 = 8
        var credential = [UInt8](repeating: 0xc1, count: 32)
        /// The bytes after the fixed part: attested data, extensions, or invalid bytes.
        var tail: [UInt8] = []

        var clientData: [UInt8] {
            var object: JSONObject = [
                "type": .string(type), "challenge": .string(Base64.encodeURL(challenge)),
                "origin": .string(origin),
            ]
            object["crossOrigin"] = crossOrigin
            return JSONValue.object(object).serialized()
        }

        var authenticatorData: [UInt8] {
            OpenSSLHashing().sha256(Array(relyingParty.utf8).span).bytes + [flags]
                + (0..<4).reversed().map { UInt8(truncatingIfNeeded: counter >> UInt32($0 * 8)) }
                + tail
        }
    }

    func assertion(_ words: Words = Words()) throws -> PasskeyAssertion {
        try PasskeyAssertion(
            credential: PasskeyID(bytes: words.credential).unwrapped,
            authenticatorData: words.authenticatorData, clientDataJSON: words.clientData,
            signature: sign(words))
    }

    /// The passkey as it was enrolled, by default with a counter of 7.
    func passkey(
        counter: UInt32? = 7, algorithm: PasskeyAlgorithm? = nil, revoked: Bool = false,
        relyingParty: String = "interlock.example"
    ) -> EnrolledPasskey {
        EnrolledPasskey(
            id: PasskeyID(bytes: Words().credential).unwrapped,
            holder: Pseudonym(text: "qAtvNSliVAlAcLHGLhmnpA=="),
            algorithm: algorithm ?? self.algorithm, publicKey: publicKey.serialized,
            relyingParty: relyingParty, counter: counter,
            added: Timestamp(microseconds: 0), founding: true,
            revoked: revoked ? Timestamp(microseconds: 1) : nil)
    }

    func sign(_ words: Words) throws -> [UInt8] {
        let signature = try key.sign(signedBytes(words.authenticatorData, words.clientData))
        return algorithm == .es256 ? Self.der(signature) : signature
    }

    var publicKey: CBORValue {
        func pair(_ label: Int64, _ value: CBORValue) -> CBORPair {
            CBORPair(CBORValue(label), value)
        }
        func bytes(_ text: String) -> CBORValue { .bytes(Base64.decodeURL(text) ?? []) }
        let number = CBORValue(algorithm.rawValue)
        return switch algorithm {
        case .es256:
            .map([
                pair(1, CBORValue(2)), pair(3, number), pair(-1, CBORValue(1)),
                pair(-2, bytes(AssertionKeys.p256X)), pair(-3, bytes(AssertionKeys.p256Y)),
            ])
        case .eddsa:
            .map([
                pair(1, CBORValue(1)), pair(3, number), pair(-1, CBORValue(6)),
                pair(-2, bytes(AssertionKeys.ed25519X)),
            ])
        case .rs256:
            .map([
                pair(1, CBORValue(3)), pair(3, number), pair(-1, bytes(AssertionKeys.modulus)),
                pair(-2, .bytes([1, 0, 1])),
            ])
        }
    }

    /// The content that a browser requests of a new passkey.
    func newWords() -> Words {
        var words = Words()
        words.type = "webauthn.create"
        words.flags = 0x45
        words.tail =
            [UInt8](repeating: 0, count: 16) + [0, UInt8(words.credential.count)]
            + words.credential + publicKey.serialized
        return words
    }

    func attestation(
        _ words: Words, format: String, _ statement: [CBORPair]
    ) -> [UInt8] {
        CBORValue.map([
            CBORPair(.text("fmt"), .text(format)), CBORPair(.text("attStmt"), .map(statement)),
            CBORPair(.text("authData"), .bytes(words.authenticatorData)),
        ]).serialized
    }

    /// A registration with self attestation, signed by the passkey's own key.
    func packed(_ words: Words) throws -> [UInt8] {
        attestation(
            words, format: "packed",
            [
                CBORPair(.text("alg"), CBORValue(algorithm.rawValue)),
                CBORPair(.text("sig"), .bytes(try sign(words))),
            ])
    }

    func register(
        _ object: [UInt8], _ words: Words, challenge: [UInt8] = challenge
    ) throws(RegistrationRefusal) -> PasskeyRegistration {
        try PasskeyRegistration(
            credential: PasskeyID(bytes: Words().credential).unwrapped,
            attestationObject: object, clientDataJSON: words.clientData, challenge: challenge,
            of: Self.party)
    }

    /// An ECDSA signature in the DER form that authenticators use.
    private static func der(_ pair: [UInt8]) -> [UInt8] {
        func integer(_ half: ArraySlice<UInt8>) -> [UInt8] {
            var bytes = Array(half.drop { $0 == 0 })
            if bytes.first.map({ $0 >= 0x80 }) ?? true { bytes.insert(0, at: 0) }
            return [0x02, UInt8(bytes.count)] + bytes
        }
        let both = integer(pair[..<32]) + integer(pair[32...])
        return [0x30, UInt8(both.count)] + both
    }
}
