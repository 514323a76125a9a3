package import InterlockCluster
package import InterlockModel
import InterlockTesting

/// The people and nodes of a simulated cluster, with keys that anyone can sign with, and the statements that they sign.
package struct SimulatedOrganisation: Sendable {
    package static let name = "simulated"

    package let people: AuthorizedKeys
    private let signatures = SimulatedSignatures()

    /// - Throws: only if the fixed names and keys of the people are not acceptable.
    package init() throws(FormError) {
        var people: [TrustedPerson] = []
        for number in 0..<Self.peopleCount {
            let enrolled = EnrolledKey(
                key: Self.key("person \(number)"), added: Timestamp(microseconds: 0),
                founding: true)
            people.append(
                TrustedPerson(
                    person: Person("p\(number)@simulated.example").unwrapped,
                    pseudonym: Self.pseudonym(number), roles: [.kill, .resume, .security],
                    keys: [enrolled]))
        }
        self.people = try AuthorizedKeys(org: Self.name, people: people, nodes: [])
    }

    package static let peopleCount = 2

    package static func nodeName(_ node: Int) -> NodeName { names[node] }
    private static let names = (0..<1024).map { NodeName("gw\($0)").unwrapped }
    /// Returns the number of a node with this name; nil if it is none of a simulation.
    package static func node(_ name: NodeName) -> Int? { Int(name.text.dropFirst(2)) }

    package static let owner = pseudonym(0)
    package static let tool = ToolAddress(wireName: "files__write").unwrapped
    package static func agent(_ agent: Int) -> AgentName { AgentName("agent-\(agent)").unwrapped }

    /// Returns an id of any kind; each number has one.
    package static func id<Tag>(_ number: Int) -> Identifier<Tag> {
        var random = [UInt8](repeating: 0, count: 10)
        for place in 0..<8 { random[9 - place] = UInt8(truncatingIfNeeded: number >> (8 * place)) }
        return Identifier<Tag>(milliseconds: 1_700_000_000_000, random: random)
    }

    /// Returns the number of an id that `id` made.
    package static func number<Tag>(of id: Identifier<Tag>) -> Int {
        Int(truncatingIfNeeded: id.random & 0x7fff_ffff_ffff_ffff)
    }

    package static func memberKeys(_ node: Int) -> MemberKeys {
        MemberKeys(
            name: nodeName(node), log: key("log of \(node)"), witness: key("witness of \(node)"),
            token: key("token of \(node)"),
            tls: SimulatedHashing().sha256(Array("tls of \(node)".utf8)))
    }

    /// Signs a statement with the key of the node's log, as its signer does.
    package func draft(
        _ content: EntryContent, subject: String = "", node: Int, at: Timestamp
    ) throws(FormError) -> EntryDraft {
        let key = Self.memberKeys(node).log
        let statement = ControlStatement(
            org: Self.name, at: at, node: Self.nodeName(node), content: content)
        return try EntryDraft(statement, subject: subject, key: key) { message in
            signatures.sign(message, by: key)
        }
    }

    /// A halt that one person signed.
    package func halt(
        _ order: Int, target: HaltTarget, at: Timestamp
    ) throws(FormError) -> Envelope {
        let halt = try HaltOrder(
            id: Self.id(order), org: Self.name, target: target, reason: "a simulated halt",
            author: Self.pseudonym(0), at: at)
        return signed(.halt, try halt.canonical(), by: [0])
    }

    /// A release that both people signed, or as many as `signers` says.
    package func release(
        _ order: Int, of halts: [Int], afterEpoch: Int64, signers: [Int] = [0, 1]
    ) throws(FormError) -> Envelope {
        let release = try ReleaseOrder(
            id: Self.id(order), org: Self.name, halts: halts.map { Self.id($0) },
            afterEpoch: afterEpoch, reason: "a simulated release",
            authors: (0..<Self.peopleCount).map(Self.pseudonym))
        return signed(.release, try release.canonical(), by: signers)
    }

    /// A release without signatures: what an administrator of the store can write.
    package func forgedRelease(
        _ order: Int, of halt: Int, afterEpoch: Int64, node: Int
    ) throws(FormError) -> EntryDraft {
        let signed = try release(order, of: [halt], afterEpoch: afterEpoch)
        let envelope = Envelope(
            payloadType: signed.payloadType, payload: signed.payload,
            signatures: signed.signatures.compactMap { signature -> Envelope.Signature? in
                signature.key.map { Envelope.Signature.key($0, [UInt8](repeating: 0, count: 64)) }
            })
        let key = Self.memberKeys(node).log
        let statement = ControlStatement(
            org: Self.name, at: Timestamp(microseconds: 0), node: Self.nodeName(node),
            content: try Self.widening(.release, [envelope]))
        let id: OrderID = Self.id(order)
        return try EntryDraft(statement, subject: id.text, key: key) { _ in
            [UInt8](repeating: 0, count: 64)
        }
    }

    /// The admission of a node, which both people signed, and the node's proof that it has its key.
    package func admission(of node: Int, until: Timestamp) throws(FormError) -> [Envelope] {
        let order = try MemberOrder(
            id: Self.id(1_000_000 + node), org: Self.name,
            change: .admit(Self.memberKeys(node), until: until), reason: "a simulated node",
            authors: (0..<Self.peopleCount).map(Self.pseudonym))
        let payload = try order.canonical()
        let message = preAuthenticationEncoding(PayloadType.member.text, payload)
        let key = Self.memberKeys(node).log
        let proof = Envelope(
            payloadType: .member, payload: payload,
            signatures: [.key(key, signatures.sign(message, by: key))])
        return [signed(.member, payload, by: [0, 1]), proof]
    }

    /// - Throws: only without envelopes.
    package static func widening(
        _ kind: WideningKind, _ envelopes: [Envelope]
    ) throws(FormError) -> EntryContent {
        guard let statements = PeopleStatements(envelopes) else {
            throw .badMember("orders", "statements of people")
        }
        return .widening(kind, statements)
    }

    private func signed(
        _ type: PayloadType, _ payload: [UInt8], by signers: [Int]
    ) -> Envelope {
        let message = preAuthenticationEncoding(type.text, payload)
        return Envelope(
            payloadType: type, payload: payload,
            signatures: signers.map { signer -> Envelope.Signature in
                let key = Self.key("person \(signer)")
                return .key(key, signatures.sign(message, by: key))
            })
    }

    private static func pseudonym(_ person: Int) -> Pseudonym {
        let digest = SimulatedHashing().sha256(Array("pseudonym \(person)".utf8))
        return Pseudonym(text: Base64.encode(Array(digest.bytes.prefix(16))))
    }

    private static func key(_ signer: String) -> PublicKey {
        SimulatedSignatures.key(signer).unwrapped
    }
}
