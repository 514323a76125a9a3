import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting

@testable import InterlockCluster

/// Verifies with real hashes and signatures, which the store and its nodes agree upon. No statement of people but halts
/// and orders about members occurs in these tests.
struct StoreVerifier: EntryVerifier {
    var hashing: any Hashing { OpenSSLHashing() }
    var signatures: any SignatureVerifier { OpenSSLVerifier() }

    func passkeys(of people: AuthorizedKeys) -> EnrolledPasskeyVerifier? { nil }

    func change(
        _ kind: WideningKind, _ statements: PeopleStatements, in context: StatementContext
    ) throws(StatementRefusal) -> OrderedChange {
        throw .invalid("unknown statement")
    }
}

/// An organisation with two people and three nodes, whose keys are real.
struct StoreOrganisation {
    static let start = Timestamp(microseconds: 1_795_000_000_000_000)
    private static let orderLife = Duration.seconds(3600)

    static func name(_ node: Int) -> NodeName { NodeName("gw\(node)").unwrapped }

    private static func key(_ seed: UInt8) -> Ed25519PrivateKey {
        Ed25519PrivateKey(seed: [UInt8](repeating: seed, count: 32)).unwrapped
    }

    private static func person(_ name: String, _ number: UInt8) -> TrustedPerson {
        TrustedPerson(
            person: Person("\(name)@acme.example").unwrapped,
            pseudonym: Pseudonym(text: Base64.encode([UInt8](repeating: number, count: 16))),
            roles: [.kill, .resume, .security],
            keys: [EnrolledKey(key: key(number).publicKey, added: start, founding: true)])
    }

    static let people = [person("li", 1), person("sam", 2)]
    private static let peopleKeys: [UInt8] = [1, 2]

    private static func logKey(_ node: Int) -> Ed25519PrivateKey { key(UInt8(40 + 4 * node)) }

    /// - Parameter tls: the digest of the TLS key; nil if no test connects to the node.
    private static func keys(_ node: Int, tls: Digest?) -> MemberKeys {
        let first = UInt8(40 + 4 * node)
        return MemberKeys(
            name: name(node), log: key(first).publicKey, witness: key(first + 1).publicKey,
            token: key(first + 2).publicKey, tls: tls ?? OpenSSLHashing().sha256([first]))
    }

    private static func sign(
        _ type: PayloadType, _ payload: [UInt8], _ keys: [Ed25519PrivateKey]
    ) -> Envelope {
        let message = preAuthenticationEncoding(type.text, payload)
        return Envelope(
            payloadType: type, payload: payload,
            signatures: keys.map { .key($0.publicKey, $0.sign(message)) })
    }

    /// The keys by which all nodes seal their rows.
    static let sealing = StoreKeys(
        sealing: OpenSSLRowCipher([UInt8](repeating: 7, count: 32)).unwrapped
    ).unwrapped

    /// The signature of a message by the key of a node's log.
    static func sign(_ message: [UInt8], by node: Int) -> [UInt8] { logKey(node).sign(message) }

    // MARK: Entries

    static func draft(
        _ content: EntryContent, subject: String = "", by node: Int = 1, at second: Int64 = 1
    ) throws -> EntryDraft {
        let key = logKey(node)
        let statement = ControlStatement(
            org: "acme", at: start + .seconds(second), node: name(node), content: content)
        return try EntryDraft(statement, subject: subject, key: key.publicKey) { key.sign($0) }
    }

    static func draft(
        _ change: NarrowingChange, by node: Int = 1, at second: Int64 = 1
    ) throws -> EntryDraft {
        try draft(.narrowing(change), by: node, at: second)
    }

    static func genesis(tls: Digest? = nil) throws -> EntryDraft {
        try draft(
            .genesis(
                Genesis(
                    people: try AuthorizedKeys(org: "acme", people: people, nodes: []),
                    node: keys(1, tls: tls), revision: nil, hasStandby: false)))
    }

    /// The change and entry that admit a node.
    static func admission(
        of node: Int, tls: Digest? = nil
    ) throws -> (change: MemberOrder.Change, EntryDraft) {
        let change = MemberOrder.Change.admit(keys(node, tls: tls), until: start + orderLife)
        let order = try MemberOrder(
            id: orderID(Int64(node)), org: "acme", change: change, reason: "one more node",
            authors: people.map(\.pseudonym))
        let payload = try order.canonical()
        let statements = [
            sign(.member, payload, peopleKeys.map { key($0) }),
            sign(.member, payload, [logKey(node)]),
        ]
        return (
            change,
            try draft(
                .widening(.member, PeopleStatements(statements).unwrapped),
                subject: name(node).text)
        )
    }

    static func halt(_ number: Int64, _ target: HaltTarget) throws -> EntryDraft {
        try draft(.halt(try haltOrder(number, target)))
    }

    static func haltOrder(_ number: Int64, _ target: HaltTarget) throws -> Envelope {
        let order = try HaltOrder(
            id: orderID(number), org: "acme", target: target, reason: "something is wrong",
            author: people[0].pseudonym, at: start)
        return sign(.halt, try order.canonical(), [key(peopleKeys[0])])
    }

    private static func orderID(_ number: Int64) -> OrderID {
        OrderID(milliseconds: number, random: [UInt8](repeating: 0, count: 10))
    }

    static func request(_ number: Int) -> ApprovalID {
        ApprovalID(
            milliseconds: start.milliseconds + Int64(number),
            random: [UInt8](repeating: 4, count: 10))
    }

    static func run(_ number: Int) -> RunID {
        RunID(
            milliseconds: start.milliseconds + Int64(number),
            random: [UInt8](repeating: 3, count: 10))
    }

    /// A node that has read the first entry.
    static func follower(_ first: StoredEntry) throws -> ChainFollower {
        let entry = try ChainEntry(first, after: nil, hashing: OpenSSLHashing())
        return ChainFollower(
            try ChainState(first: entry, genesis: entry.digest, verifier: StoreVerifier()))
    }
}
