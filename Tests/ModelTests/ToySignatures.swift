import InterlockJSON
import InterlockModel
import InterlockTesting

/// Signatures that anyone can forge, for tests of the handling of valid and invalid ones: the key, then a checksum of
/// the message.
struct ToyVerifier: SignatureVerifier {
    static func sign(_ message: [UInt8], _ key: PublicKey) -> [UInt8] {
        var sum: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in message { sum = (sum ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        let tail = (0..<32).map { UInt8(truncatingIfNeeded: sum >> UInt64($0 % 8 * 8)) }
        return key.bytes + tail
    }

    func verifies(_ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool {
        guard let key = PublicKey(bytes: publicKey) else { return false }
        return ToyVerifier.sign(message, key) == signature
    }
}

/// A hash with little strength, but different for different input.
struct ToyHashing: Hashing {
    func sha256(_ bytes: Span<UInt8>) -> Digest {
        var a: UInt64 = 0xcbf2_9ce4_8422_2325
        var b: UInt64 = 0x9e37_79b9_7f4a_7c15
        for index in bytes.indices {
            a = (a ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01b3
            b = (b &+ a) &* 0xbf58_476d_1ce4_e5b9
        }
        return Digest(words: (a, b, a ^ b, a &+ b))
    }
}

/// A small organisation, of which each test uses what it needs.
struct Org {
    static let start = Timestamp(microseconds: 1_795_000_000_000_000)
    let li = Member("li", 1, [.kill, .resume])
    let sam = Member("sam", 2, [.kill, .resume])
    let kim = Member("kim", 3, [.resume])
    let ana = Member("ana", 4, [])
    let node = PublicKey(bytes: [UInt8](repeating: 9, count: 32)).unwrapped

    struct Member {
        let person: Person
        let pseudonym: Pseudonym
        let key: PublicKey
        let spare: PublicKey
        let roles: Set<Role>

        init(_ name: String, _ number: UInt8, _ roles: Set<Role>) {
            person = Person("\(name)@acme.example").unwrapped
            pseudonym = Pseudonym(
                text: Base64.encode([UInt8](repeating: number, count: 16)))
            key = PublicKey(bytes: [UInt8](repeating: number, count: 32)).unwrapped
            spare = PublicKey(bytes: [UInt8](repeating: number + 100, count: 32)).unwrapped
            self.roles = roles
        }

        func trusted(
            expires: Timestamp? = nil, revoked: Timestamp? = nil, roles: Set<Role>? = nil
        ) -> TrustedPerson {
            TrustedPerson(
                person: person, pseudonym: pseudonym, roles: roles ?? self.roles,
                keys: [key, spare].map {
                    EnrolledKey(
                        key: $0, added: Org.start, founding: true, expires: expires,
                        revoked: revoked)
                })
        }
    }

    func trust(
        _ people: [TrustedPerson]? = nil
    ) throws -> AuthorizedKeys {
        try AuthorizedKeys(
            org: "acme", people: people ?? [li, sam, kim, ana].map { $0.trusted() },
            nodes: [TrustedNode(name: "gw1", key: node)])
    }

    func judge(_ people: [TrustedPerson]? = nil) throws -> SignedOrderVerifier {
        SignedOrderVerifier(trust: try trust(people), verifier: ToyVerifier())
    }

    func id(_ number: Int64) -> OrderID {
        OrderID(milliseconds: number, random: [UInt8](repeating: 0, count: 10))
    }

    func halt(
        _ number: Int64, _ target: HaltTarget, by author: Member? = nil, org: String = "acme",
        signedBy key: PublicKey? = nil, local: Bool = false
    ) throws -> Envelope {
        let author = author ?? li
        let order = try HaltOrder(
            id: id(number), org: org, target: target, reason: "something is wrong here",
            author: author.pseudonym, at: Org.start, local: local)
        return sign(.halt, try order.canonical(), [key ?? author.key])
    }

    func release(
        _ number: Int64, of halts: [Int64], after epoch: Int64 = 1_000_000,
        authors: [Member]? = nil, signedBy keys: [PublicKey]? = nil
    ) throws -> Envelope {
        let authors = authors ?? [li, sam, kim]
        let order = try ReleaseOrder(
            id: id(number), org: "acme", halts: halts.map(id), afterEpoch: epoch,
            reason: "it has been put right", authors: authors.map(\.pseudonym))
        return sign(.release, try order.canonical(), keys ?? [li.key, sam.key])
    }

    func sign(_ type: PayloadType, _ payload: [UInt8], _ keys: [PublicKey]) -> Envelope {
        let message = preAuthenticationEncoding(type.text, payload)
        return Envelope(
            payloadType: type, payload: payload,
            signatures: keys.map {
                .key($0, ToyVerifier.sign(message, $0))
            })
    }
}
