import InterlockJSON
import InterlockModel
import InterlockTesting

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
        SignedOrderVerifier(trust: try trust(people), verifier: ForgeableSignatures())
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
        ForgeableSignatures.envelope(type, payload, keys)
    }
}

/// The refusal of an order that the body throws, or nil.
func refusal(_ body: () throws -> Void) -> OrderRefusal? {
    do {
        try body()
        return nil
    } catch { return error as? OrderRefusal }
}
