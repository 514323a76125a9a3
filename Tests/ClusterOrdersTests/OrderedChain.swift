import InterlockCluster
import InterlockClusterOrders
import InterlockCredentials
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

/// A chain of one node whose keys are real, and whose statements of people are judged as the program judges them.
struct OrderedChain {
    static let start = Timestamp(microseconds: 1_795_000_000_000_000)
    private static let hashing = OpenSSLHashing()
    private(set) var state: ChainState
    private(set) var now = start
    private let verifier: PeopleEntryVerifier

    /// - Parameters:
    ///   - policy: the policy of the revision in force, which the node has.
    ///   - revision: the revision in force if there is no policy of it here.
    ///   - isWithoutPolicy: if true, the node does not have it.
    ///   - isWithoutPasskeys: if true, the node is not set up for passkeys.
    init(
        people: [Signer] = Signer.enrolled, policy: PolicySnapshot? = nil,
        revision: Digest? = nil, isWithoutPolicy: Bool = false, isWithoutPasskeys: Bool = false
    ) throws {
        let verify: EnrolledPasskeyVerifier.Verify = {
            assertion, challenge, passkey throws(AssertionRefusal) in
            try PasskeyVerifier.ofThePast.verify(assertion, challenge: challenge, by: passkey)
        }
        verifier = PeopleEntryVerifier(
            hashing: Self.hashing, signatures: OpenSSLVerifier(),
            assertions: isWithoutPasskeys ? nil : verify,
            policies: { revision in
                isWithoutPolicy || revision != policy?.digest ? nil : policy
            })
        let genesis = Genesis(
            people: try AuthorizedKeys(
                org: "acme", people: people.map(\.trusted), nodes: [],
                passkeys: people.map(\.passkey)),
            node: Self.keys(1), revision: policy?.digest ?? revision, hasStandby: true)
        let row = try Self.row(.genesis(genesis), subject: "", at: now, after: nil)
        let entry = try ChainEntry(row, after: nil, hashing: Self.hashing)
        state = try ChainState(first: entry, genesis: entry.digest, verifier: verifier)
    }

    static func log(_ node: Int) -> Ed25519PrivateKey { nodeKey(40 + 4 * node) }

    static func keys(_ node: Int) -> MemberKeys {
        MemberKeys(
            name: NodeName("gw\(node)").unwrapped, log: log(node).publicKey,
            witness: nodeKey(41 + 4 * node).publicKey, token: nodeKey(42 + 4 * node).publicKey,
            tls: hashing.sha256([UInt8(node)]))
    }

    private static func nodeKey(_ number: Int) -> Ed25519PrivateKey {
        Ed25519PrivateKey(seed: [UInt8](repeating: UInt8(number), count: 32)).unwrapped
    }

    private static func row(
        _ content: EntryContent, subject: String, at time: Timestamp, after head: ChainHead?
    ) throws -> StoredEntry {
        let statement = ControlStatement(
            org: "acme", at: time, node: NodeName("gw1").unwrapped, content: content)
        let key = log(1)
        let draft = try EntryDraft(statement, subject: subject, key: key.publicKey) {
            key.sign($0)
        }
        return draft.stored(after: head, hashing: hashing)
    }

    mutating func pass(_ time: Duration) { now = now + time }

    private mutating func append(
        _ content: EntryContent, subject: String = ""
    ) throws -> EntryEffect {
        let row = try Self.row(content, subject: subject, at: now, after: state.head)
        let entry = try ChainEntry(row, after: state.head, hashing: Self.hashing)
        let effect = try state.apply(entry, verifier: verifier)
        pass(.seconds(1))
        return effect
    }

    /// Appends a restriction by the node.
    mutating func restrict(_ change: NarrowingChange) throws {
        _ = try append(.narrowing(change))
    }

    /// Appends an entry with statements of people.
    @discardableResult
    mutating func order(_ statements: Statements) throws -> EntryEffect {
        try append(
            .widening(statements.kind, PeopleStatements(statements.envelopes).unwrapped),
            subject: statements.subject)
    }

    /// The content of an entry with statements of people.
    struct Statements {
        let kind: WideningKind
        var envelopes: [Envelope]
        let subject: String

        init(_ kind: WideningKind, _ envelopes: [Envelope], subject: String) {
            self.kind = kind
            self.envelopes = envelopes
            self.subject = subject
        }
    }

    /// The parts of the state that statements of people change.
    struct Ordered: Equatable {
        let people: AuthorizedKeys
        let members: [NodeName]
        let halts: [HaltOrder]
        let quarantines: Set<ServerName>
        let pauses: Set<RunID>
        let elevations: [ElevationID: Timestamp]
        let revision: Digest?
    }

    var ordered: Ordered {
        Ordered(
            people: state.people, members: state.admitted, halts: state.halts.active,
            quarantines: Set(state.quarantines.keys), pauses: Set(state.pauses.keys),
            elevations: state.elevations, revision: state.revision)
    }

    /// Checks that the entry changes nothing, for this reason.
    func expect(
        _ refusal: StatementRefusal, _ statements: Statements, _ name: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var chain = self
        let comment = Comment(rawValue: name)
        do {
            let effect = try chain.order(statements)
            guard case .void(.unauthorized(let reason)) = effect else {
                Issue.record("\(name): \(effect)", sourceLocation: sourceLocation)
                return
            }
            #expect(refusal == .unauthorized(reason), comment, sourceLocation: sourceLocation)
        } catch let error as EntryRejection {
            let number = state.head.number + 1
            switch error {
            case .fault(.badStatement(number, let reason)):
                #expect(refusal == .invalid(reason), comment, sourceLocation: sourceLocation)
            case .unknownKind(number, statements.kind.rawValue):
                #expect(refusal == .notJudged, comment, sourceLocation: sourceLocation)
            default: Issue.record("\(name): \(error)", sourceLocation: sourceLocation)
            }
        }
        #expect(chain.ordered == ordered, comment, sourceLocation: sourceLocation)
    }

    /// Checks that the entry changes nothing since those who signed it may not order that.
    ///
    /// - Parameter part: a part of the reason.
    func expectUnauthorized(
        _ statements: Statements, _ part: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var chain = self
        let effect = try chain.order(statements)
        guard case .void(.unauthorized(let reason)) = effect else {
            Issue.record("\(effect)", sourceLocation: sourceLocation)
            return
        }
        if let part { #expect(reason.contains(part), sourceLocation: sourceLocation) }
        #expect(chain.ordered == ordered, sourceLocation: sourceLocation)
    }

    /// Checks that an order is refused for the reasons of any signed order.
    func expect(
        _ refusal: OrderRefusal, _ statements: Statements, _ name: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try expect(
            StatementRefusal(refusal), statements, name, sourceLocation: sourceLocation)
    }

    static func id(_ number: Int64) -> OrderID {
        OrderID(milliseconds: number, random: [UInt8](repeating: 0, count: 10))
    }
}
