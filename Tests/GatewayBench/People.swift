import InterlockApprovals
import InterlockCredentials
import InterlockModel
import Testing

/// The people of the tests, with their keys. `ines`, `paul`, `rui` and `dana` are in group `finance`; `kim` and `joe`
/// halt and release; `eve` has the role `security` and is in no group; `mallory` is unknown to the gateway.
struct People: Sendable {
    struct Member: Sendable {
        let person: Person
        let pseudonym: Pseudonym
        let key: PersonKey
    }

    static let names = ["ines", "paul", "rui", "dana", "kim", "joe", "eve", "li"]
    static let all = People()

    private static let roles: [String: Set<Role>] = [
        "kim": [.kill, .resume], "joe": [.kill, .resume], "eve": [.security],
        "dana": [.breakGlass], "li": [.breakGlass],
    ]
    /// The key of the node `gw1`.
    static let nodeKey: Ed25519PrivateKey = {
        guard let key = Ed25519PrivateKey(seed: [UInt8](repeating: 77, count: 32)) else {
            preconditionFailure("a constant of the tests is not valid")
        }
        return key
    }()
    private let members: [String: Member]

    private init() {
        var members: [String: Member] = [:]
        for (number, name) in (Self.names + ["mallory"]).enumerated() {
            guard let person = Person("\(name)@acme.example"),
                let key = Ed25519PrivateKey(seed: [UInt8](repeating: UInt8(number + 1), count: 32))
            else { preconditionFailure("a constant of the tests is not valid") }
            members[name] = Member(
                person: person, pseudonym: PlainPseudonyms().pseudonym(of: person),
                key: .file(key))
        }
        self.members = members
    }

    subscript(name: String) -> Member {
        guard let member = members[name] else { preconditionFailure("nobody is called \(name)") }
        return member
    }

    func trust(added: Timestamp, names: [String] = Self.names) throws -> AuthorizedKeys {
        try AuthorizedKeys(
            org: "acme",
            people: names.map { name in
                let member = self[name]
                return TrustedPerson(
                    person: member.person, pseudonym: member.pseudonym,
                    roles: Self.roles[name] ?? [],
                    keys: [
                        EnrolledKey(key: member.key.publicKey, added: added, founding: true)
                    ])
            }, nodes: [TrustedNode(name: "gw1", key: Self.nodeKey.publicKey)])
    }

    /// A vote that this person signed.
    func vote(
        on request: ApprovalRequest, _ verdict: Vote.Verdict, by name: String, nonce: String
    ) throws -> Envelope {
        let statement = Vote(
            on: request, verdict, approver: self[name].pseudonym,
            nonce: try #require(Base64.decodeURL(nonce)))
        return try self[name].key.envelope(.vote, try statement.canonical())
    }

    func breakGlass(
        _ request: ApprovalID, _ action: BreakGlassOrder.Action, by name: String, at: Timestamp,
        author: String? = nil, org: String = "acme"
    ) throws -> Envelope {
        let order = try BreakGlassOrder(
            id: Self.order(99), org: org,
            content: BreakGlassContent(request: request, action: action),
            reason: "the others cannot be reached", author: self[author ?? name].pseudonym, at: at)
        return try self[name].key.envelope(.breakGlass, try order.canonical())
    }

    func order(
        _ action: RunOrder.Action, of run: RunID, by name: String, number: UInt64, at: Timestamp
    ) throws -> Envelope {
        let order = try RunOrder(
            id: Self.order(number), org: "acme", content: RunContent(run: run, action: action),
            reason: "the test says so", author: self[name].pseudonym, at: at)
        return try self[name].key.envelope(.run, try order.canonical())
    }

    func halt(
        _ target: HaltTarget, by name: String = "kim", number: UInt64, at: Timestamp
    ) throws -> Envelope {
        let order = try HaltOrder(
            id: Self.order(number), org: "acme", target: target, reason: "a test stops this",
            author: self[name].pseudonym, at: at)
        return try self[name].key.envelope(.halt, try order.canonical())
    }

    func release(
        _ halts: [OrderID], after epoch: Int64, by name: String, number: UInt64
    ) throws -> Envelope {
        let order = try ReleaseOrder(
            id: Self.order(number), org: "acme", halts: halts, afterEpoch: epoch,
            reason: "the test goes on", authors: ["kim", "joe"].map { self[$0].pseudonym })
        return try self[name].key.envelope(.release, try order.canonical())
    }

    /// The same statement, signed by another person.
    func foreign(_ envelope: Envelope, by name: String) throws -> Envelope {
        try self[name].key.envelope(envelope.payloadType, envelope.payload)
    }

    static func order(_ number: UInt64) -> OrderID {
        let bytes = (0..<10).map { UInt8(truncatingIfNeeded: $0 < 8 ? number >> ($0 * 8) : 0) }
        return OrderID(milliseconds: 1_795_000_000_000, random: bytes)
    }
}

extension People {
    /// A halt that the node `gw1` signed; the authorized keys of `Bench` list its key.
    func ownHalt(_ reason: String, _ target: HaltTarget) throws -> Envelope {
        let order = try HaltOrder(
            id: OrderID(
                milliseconds: 1_795_000_000_001,
                random: SystemEntropy().bytes(10)),
            org: "acme", target: target, reason: fittingReason(reason),
            author: self["kim"].pseudonym, at: Timestamp(microseconds: 1_795_000_000_000_000),
            local: target == .org)
        return try PersonKey.file(Self.nodeKey).envelope(.halt, try order.canonical())
    }
}
