import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting

/// A person of the tests, with a key and a passkey of the same worth.
struct Signer {
    static let roles: Set<Role> = [.kill, .resume, .security]
    static let li = Signer("li", 1)
    static let sam = Signer("sam", 2)
    /// A person without roles.
    static let ana = Signer("ana", 3, roles: [])
    /// A person who has left: the credentials are revoked.
    static let dan = Signer("dan", 4, isRevoked: true)
    /// A person whose credentials have expired.
    static let kim = Signer("kim", 5, isExpired: true)
    /// A person whose passkey is new.
    static let lou = Signer("lou", 6, isNew: true)
    /// A person who is not enrolled.
    static let rui = Signer("rui", 7)
    static let enrolled = [li, sam, ana, dan, kim, lou]

    let person: Person
    let pseudonym: Pseudonym
    let key: Ed25519PrivateKey
    let device: Device
    private let roles: Set<Role>
    private let isRevoked: Bool
    private let isExpired: Bool
    private let isNew: Bool

    private init(
        _ name: String, _ number: UInt8, roles: Set<Role> = Signer.roles, isRevoked: Bool = false,
        isExpired: Bool = false, isNew: Bool = false
    ) {
        person = Person("\(name)@acme.example").unwrapped
        pseudonym = Pseudonym(text: Base64.encode([UInt8](repeating: number, count: 16)))
        key = Ed25519PrivateKey(seed: [UInt8](repeating: number, count: 32)).unwrapped
        device = Device(100 + number)
        self.roles = roles
        self.isRevoked = isRevoked
        self.isExpired = isExpired
        self.isNew = isNew
    }

    private var revoked: Timestamp? { isRevoked ? OrderedChain.start : nil }
    private var expires: Timestamp? { isExpired ? OrderedChain.start - .seconds(60) : nil }

    var trusted: TrustedPerson {
        TrustedPerson(
            person: person, pseudonym: pseudonym, roles: roles,
            keys: [
                EnrolledKey(
                    key: key.publicKey, added: OrderedChain.start, founding: true,
                    expires: expires, revoked: revoked)
            ])
    }

    var passkey: EnrolledPasskey {
        EnrolledPasskey(
            id: device.id, holder: pseudonym, algorithm: .eddsa, publicKey: device.publicKey,
            relyingParty: Device.party, counter: nil, added: OrderedChain.start,
            founding: !isNew, expires: expires, revoked: revoked)
    }
}

extension Signer {
    typealias Refused = (signer: Signer, means: Means, refusal: OrderRefusal)

    /// Signatures by key and by passkey that count nowhere, and the reasons.
    static let refused = both([(dan, .revokedKey), (kim, .expiredKey), (rui, .unknownKey)])

    /// Signatures that do not count where a role is needed, and the reasons.
    static func refused(needing role: Role) -> [Refused] {
        both([(ana, .missingRole(role))]) + refused
    }

    private static func both(_ signers: [(Signer, OrderRefusal)]) -> [Refused] {
        signers.flatMap { signer, refusal -> [Refused] in
            [(signer, .key(signer), refusal), (signer, .passkey(signer), refusal)]
        }
    }
}

/// One signature under a statement.
enum Means {
    case key(Signer)
    case passkey(Signer)
    /// The passkey on the page of another site.
    case elsewhere(Signer)

    func signature(under bare: Envelope) throws -> Envelope.Signature {
        switch self {
        case .key(let signer): .key(signer.key.publicKey, signer.key.sign(bare.message))
        case .passkey(let signer): .passkey(try signer.device.assertion(under: bare))
        case .elsewhere(let signer):
            .passkey(try signer.device.assertion(under: bare, at: "https://elsewhere.example"))
        }
    }
}

extension Envelope {
    /// The statement, signed by each of these.
    static func signed(
        _ type: PayloadType, _ payload: [UInt8], by means: [Means]
    ) throws -> Envelope {
        let bare = Envelope(payloadType: type, payload: payload, signatures: [])
        return Envelope(
            payloadType: type, payload: payload,
            signatures: try means.map { try $0.signature(under: bare) })
    }

    /// The same signatures over a statement with another reason: `test` becomes `best`.
    var changed: Envelope {
        let text = String(decoding: payload, as: UTF8.self)
        let other = text.replacing("test", with: "best", maxReplacements: 1)
        return Envelope(
            payloadType: payloadType, payload: Array(other.utf8), signatures: signatures)
    }
}
