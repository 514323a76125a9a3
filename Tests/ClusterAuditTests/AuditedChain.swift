import InterlockCluster
import InterlockClusterAudit
import InterlockClusterOrders
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPolicyReview
import InterlockPorts
import InterlockTesting

/// A chain of two nodes and two people, whose keys are real.
struct AuditedChain {
    static let hashing = OpenSSLHashing()
    static let start = Timestamp(microseconds: 1_795_000_000_000_000)
    static let li = AuditedChain.person("li", 1)
    static let sam = AuditedChain.person("sam", 2)
    /// The policy of the revision in force.
    static let policy = hashing.sha256([7])
    private(set) var rows: [StoredEntry] = []
    private(set) var head: ChainHead?

    struct Signer {
        let trusted: TrustedPerson
        let key: Ed25519PrivateKey
    }

    /// The first entry by `gw1`.
    init() throws {
        let genesis = Genesis(
            people: try AuthorizedKeys(
                org: "acme", people: [Self.li.trusted, Self.sam.trusted], nodes: []),
            node: Self.keys(1), revision: nil, hasStandby: true)
        try append(.genesis(genesis), by: 1)
    }

    private static func person(_ name: String, _ number: UInt8) -> Signer {
        let key = key(number)
        return Signer(
            trusted: TrustedPerson(
                person: Person("\(name)@acme.example").unwrapped,
                pseudonym: Pseudonym(text: Base64.encode([UInt8](repeating: number, count: 16))),
                roles: [.kill, .resume, .security],
                keys: [EnrolledKey(key: key.publicKey, added: start, founding: true)]), key: key)
    }

    private static func key(_ number: UInt8) -> Ed25519PrivateKey {
        Ed25519PrivateKey(seed: [UInt8](repeating: number, count: 32)).unwrapped
    }

    /// The key of a node's log.
    static func log(_ node: UInt8) -> Ed25519PrivateKey { key(40 + 4 * node) }

    private static func keys(_ node: UInt8) -> MemberKeys {
        MemberKeys(
            name: NodeName("gw\(node)").unwrapped, log: log(node).publicKey,
            witness: key(41 + 4 * node).publicKey, token: key(42 + 4 * node).publicKey,
            tls: hashing.sha256([node]))
    }

    @discardableResult
    mutating func append(
        _ content: EntryContent, subject: String = "", by node: UInt8 = 1
    ) throws -> ChainHead {
        let key = Self.log(node)
        let statement = ControlStatement(
            org: "acme", at: Self.start + .seconds(Int64(rows.count)),
            node: NodeName("gw\(node)").unwrapped, content: content)
        let draft = try EntryDraft(statement, subject: subject, key: key.publicKey) { key.sign($0) }
        let row = draft.stored(after: head, hashing: Self.hashing)
        rows.append(row)
        let next = ChainHead(number: row.number, digest: row.digest.unwrapped)
        head = next
        return next
    }

    private static func signed(
        _ type: PayloadType, _ payload: [UInt8], by keys: [Ed25519PrivateKey]
    ) -> Envelope {
        let bare = Envelope(payloadType: type, payload: payload, signatures: [])
        return Envelope(
            payloadType: type, payload: payload,
            signatures: keys.map { .key($0.publicKey, $0.sign(bare.message)) })
    }

    private static func order(_ number: Int64) -> OrderID {
        OrderID(milliseconds: number, random: [UInt8](repeating: 0, count: 10))
    }

    /// Admits `gw2`.
    mutating func admit() throws {
        let order = try MemberOrder(
            id: Self.order(1), org: "acme",
            change: .admit(Self.keys(2), until: Self.start + .seconds(3600)),
            reason: "one more node", authors: [Self.li, Self.sam].map(\.trusted.pseudonym))
        let payload = try order.canonical()
        let envelopes = [
            Self.signed(.member, payload, by: [Self.li.key, Self.sam.key]),
            Self.signed(.member, payload, by: [Self.log(2)]),
        ]
        try append(.widening(.member, PeopleStatements(envelopes).unwrapped), subject: "gw2")
    }

    /// Puts the first revision of the policy into force.
    @discardableResult
    mutating func revise() throws -> ChainHead {
        let identity = RevisionIdentity(
            digest: Self.policy, tests: Self.hashing.sha256([2]), files: [:])
        let signOff = SignOff(identity: identity, author: Self.li.trusted.person)
        let envelope = Self.signed(.signOff, try signOff.statement(), by: [Self.li.key])
        return try append(
            .widening(.revision, PeopleStatements([envelope]).unwrapped), subject: "policy")
    }

    mutating func halt(_ agent: String) throws -> ChainHead {
        let order = try HaltOrder(
            id: Self.order(2), org: "acme", target: .agent(AgentName(agent).unwrapped),
            reason: "something is wrong", author: Self.li.trusted.pseudonym, at: Self.start)
        return try append(
            .narrowing(.halt(Self.signed(.halt, try order.canonical(), by: [Self.li.key]))))
    }

    func history(_ rows: [StoredEntry]? = nil) throws -> ChainHistory {
        try ChainHistory(
            rows ?? self.rows, genesis: self.rows[0].digest.unwrapped,
            verifier: PeopleEntryVerifier(
                hashing: Self.hashing, signatures: OpenSSLVerifier(), assertions: nil,
                policies: { _ in nil }))
    }
}

extension ChainHead {
    /// The form that nodes write.
    var inRecords: JSONValue { ChainReference(number: number, digest: digest).json }
}
