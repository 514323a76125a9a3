import InterlockJSON
import InterlockModel
import InterlockTesting

@testable import InterlockCluster

/// Verifies statements of people whose payload says what they order: a test has one kind of statement for all kinds of
/// entry. The envelope is of the type `people`; its payload is the table's key.
struct TableVerifier: EntryVerifier {
    var changes: [Digest: OrderedChange] = [:]
    var refusals: [Digest: StatementRefusal] = [:]

    var hashing: any Hashing { WeakHashing() }
    var signatures: any SignatureVerifier { ForgeableSignatures() }

    func passkeys(of people: AuthorizedKeys) -> EnrolledPasskeyVerifier? { nil }

    func change(
        _ kind: WideningKind, _ statements: PeopleStatements, in context: StatementContext
    ) throws(StatementRefusal) -> OrderedChange {
        let name = hashing.sha256(statements.envelopes[0].payload)
        if let refusal = refusals[name] { throw refusal }
        guard statements.envelopes[0].isSigned(by: ForgeableSignatures()) else {
            throw .invalid("a signature does not verify")
        }
        guard let change = changes[name] else { throw .invalid("unknown statement") }
        return change
    }
}

/// An organisation with two people of all roles, one without, and nodes, of which each test uses what it needs.
struct ClusterOrganisation {
    static let start = Timestamp(microseconds: 1_795_000_000_000_000)
    let li = ClusterOrganisation.person("li", 1)
    let sam = ClusterOrganisation.person("sam", 2)
    let ana = ClusterOrganisation.person("ana", 3, [])
    var verifier: TableVerifier

    init(_ changes: [(statement: Int, OrderedChange)] = []) {
        var verifier = TableVerifier()
        for (statement, change) in changes {
            verifier.changes[WeakHashing().sha256(Self.payload(statement))] = change
        }
        self.verifier = verifier
    }

    private static func person(
        _ name: String, _ number: UInt8, _ roles: Set<Role> = [.kill, .resume, .security]
    ) -> TrustedPerson {
        TrustedPerson(
            person: Person("\(name)@acme.example").unwrapped,
            pseudonym: Pseudonym(text: Base64.encode([UInt8](repeating: number, count: 16))),
            roles: roles,
            keys: [
                EnrolledKey(key: key(number), added: start, founding: true)
            ])
    }

    static func key(_ number: UInt8) -> PublicKey {
        PublicKey(bytes: [UInt8](repeating: number, count: 32)).unwrapped
    }

    func people(_ people: [TrustedPerson]? = nil) throws -> AuthorizedKeys {
        try AuthorizedKeys(org: "acme", people: people ?? [li, sam, ana], nodes: [])
    }

    /// The node `gw1`, `gw2` and so on.
    static func name(_ number: Int) -> NodeName { NodeName("gw\(number)").unwrapped }

    static func keys(_ number: Int) -> MemberKeys {
        let first = UInt8(40 + 4 * number)
        return MemberKeys(
            name: name(number), log: key(first), witness: key(first + 1), token: key(first + 2),
            tls: WeakHashing().sha256([first]))
    }

    // MARK: Statements

    static func payload(_ statement: Int) -> [UInt8] { Array("statement \(statement)".utf8) }

    /// A statement of people, whose change the table of the verifier has.
    func statement(_ number: Int, by people: [TrustedPerson]? = nil) -> Envelope {
        sign(.people, Self.payload(number), by: people ?? [li])
    }

    func sign(_ type: PayloadType, _ payload: [UInt8], by people: [TrustedPerson]) -> Envelope {
        sign(type, payload, people.map { $0.keys[0].key })
    }

    func sign(_ type: PayloadType, _ payload: [UInt8], _ keys: [PublicKey]) -> Envelope {
        ForgeableSignatures.envelope(type, payload, keys)
    }

    static func orderID(_ number: Int64) -> OrderID {
        OrderID(milliseconds: number, random: [UInt8](repeating: 0, count: 10))
    }

    /// A request that began a given time after the start.
    static func request(_ number: UInt8, begun: Duration = .zero) -> ApprovalID {
        ApprovalID(
            milliseconds: (start + begun).milliseconds,
            random: [UInt8](repeating: number, count: 10))
    }

    static func run(_ number: UInt8) -> RunID {
        RunID(milliseconds: 7, random: [UInt8](repeating: number, count: 10))
    }

    func halt(
        _ number: Int64, _ target: HaltTarget = .org, by person: TrustedPerson? = nil
    ) throws -> Envelope {
        let person = person ?? li
        let order = try HaltOrder(
            id: Self.orderID(number), org: "acme", target: target, reason: "something is wrong",
            author: person.pseudonym, at: Self.start)
        return sign(.halt, try order.canonical(), by: [person])
    }

    func release(
        _ number: Int64, of halts: [Int64], after epoch: Int64, by people: [TrustedPerson]? = nil
    ) throws -> Envelope {
        let people = people ?? [li, sam]
        let order = try ReleaseOrder(
            id: Self.orderID(number), org: "acme", halts: halts.map(Self.orderID),
            afterEpoch: epoch, reason: "it has been put right",
            authors: people.map(\.pseudonym))
        return sign(.release, try order.canonical(), by: people)
    }

    /// The order that admits a node, and the proof of the node.
    func admission(
        _ number: Int64, of node: Int,
        until end: Timestamp = ClusterOrganisation.start + .seconds(3600),
        by people: [TrustedPerson]? = nil
    ) throws -> [Envelope] {
        let people = people ?? [li, sam]
        let keys = Self.keys(node)
        let order = try MemberOrder(
            id: Self.orderID(number), org: "acme", change: .admit(keys, until: end),
            reason: "one more node", authors: people.map(\.pseudonym))
        let payload = try order.canonical()
        return [sign(.member, payload, by: people), sign(.member, payload, [keys.log])]
    }

    func retirement(
        _ number: Int64, of node: Int, by people: [TrustedPerson]? = nil
    ) throws -> [Envelope] {
        let people = people ?? [li, sam]
        let order = try MemberOrder(
            id: Self.orderID(number), org: "acme", change: .retire(Self.name(node)),
            reason: "the machine is gone", authors: people.map(\.pseudonym))
        return [sign(.member, try order.canonical(), by: people)]
    }
}
