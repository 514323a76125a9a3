import InterlockCluster
import InterlockCredentials
import InterlockJSON
import InterlockModel

extension Invariants {
    /// The input is the body of an entry. A statement has one spelling, an entry reads back as its row, one that a node
    /// alone signs changes neither people nor the revision and admits no node, and statements of people count once, also
    /// if each signature verifies.
    package static func controlEntry(_ bytes: [UInt8]) {
        guard let envelope = try? Envelope(parsing: bytes, payloadLimit: EntryLimits.body),
            envelope.payloadType == .control,
            let statement = try? ControlStatement(parsing: envelope.payload)
        else { return }
        precondition(
            (try? statement.canonical()) == envelope.payload, "a statement has one spelling")
        let verifier = AcceptingVerifier()
        let isFirst = statement.content.kind == .genesis
        let start = isFirst ? nil : startOfChain(verifier)
        let head = start?.head
        let previous = head?.digest ?? ChainEntry.origin
        let row = StoredEntry(
            number: isFirst ? 0 : 1, previous: previous,
            digest: ChainEntry.digest(after: previous, body: bytes, hashing: verifier.hashing),
            kind: statement.content.kind.text,
            subject: statement.content.subject ?? orderedSubject(statement),
            body: bytes, node: statement.node.text)
        guard let entry = try? ChainEntry(row, after: head, hashing: verifier.hashing) else {
            return
        }
        precondition(entry.stored == row, "an entry reads back as its row")
        if let start { checkApplied(entry, start, verifier) }
        if isFirst { _ = try? ChainState(first: entry, genesis: nil, verifier: verifier) }
    }

    /// The input is a file of an order about members. It reads back, and what it makes of an entry has the signatures that
    /// the file has.
    package static func memberFile(_ bytes: [UInt8]) {
        guard let file = try? MemberFile(parsing: bytes) else { return }
        precondition((try? MemberFile(parsing: file.bytes)) == file, "a file reads back")
        guard let statements = file.statements else { return }
        precondition(
            statements.envelopes.contains { $0.payload == file.envelope.payload },
            "an entry has the statement of the file")
        precondition(file.keys != nil, "an entry admits a node")
    }

    /// The subject that the statements of people ask for, as far as this module reads them.
    private static func orderedSubject(_ statement: ControlStatement) -> String {
        guard case .widening(_, let statements) = statement.content else { return "x" }
        if let order = try? MemberOrder(statements.envelopes[0]) {
            switch order.change {
            case .found(let keys, _, _), .admit(let keys, _): return keys.name.text
            case .retire(let name): return name.text
            case .permit:
                let claim = statements.envelopes.last.flatMap {
                    try? MemberClaim(parsing: $0.payload)
                }
                return claim?.keys.name.text ?? "x"
            }
        }
        return (try? ReleaseOrder(statements.envelopes[0]))?.id.text ?? "x"
    }

    private static func checkApplied(
        _ entry: ChainEntry, _ start: ChainState, _ verifier: AcceptingVerifier
    ) {
        var state = start
        guard let effect = try? state.apply(entry, verifier: verifier) else {
            precondition(state == start, "an entry that is refused changes nothing")
            return
        }
        switch entry.kind {
        case .genesis: preconditionFailure("a chain has one first entry")
        case .narrowing:
            precondition(
                state.people == start.people && state.revision == start.revision
                    && state.admitted == start.admitted, "one node alone widens nothing")
        case .widening:
            guard effect == .changed else { return }
            var row = entry.stored
            row.number = state.head.number + 1
            row.previous = state.head.digest
            row.digest = ChainEntry.digest(
                after: state.head.digest, body: entry.body, hashing: verifier.hashing)
            guard
                let again = try? ChainEntry(row, after: state.head, hashing: verifier.hashing)
            else { preconditionFailure("a row reads the same at another number") }
            let second = try? state.apply(again, verifier: verifier)
            precondition(second != .changed, "a statement counts once")
        }
    }

    /// The state of a chain of one entry: two people, and the node `gw1`.
    private static func startOfChain(_ verifier: AcceptingVerifier) -> ChainState? {
        func key(_ number: UInt8) -> PublicKey? {
            PublicKey(bytes: [UInt8](repeating: number, count: 32))
        }
        let at = Timestamp(microseconds: 1_795_000_000_000_000)
        let people = ["li", "sam"].enumerated().compactMap { index, name -> TrustedPerson? in
            let number = UInt8(index + 1)
            guard let person = Person("\(name)@acme.example"), let key = key(number) else {
                return nil
            }
            return TrustedPerson(
                person: person,
                pseudonym: Pseudonym(text: Base64.encode([UInt8](repeating: number, count: 16))),
                roles: [.kill, .resume, .security],
                keys: [EnrolledKey(key: key, added: at, founding: true)])
        }
        guard let node = NodeName("gw1"), let log = key(44), let witness = key(45),
            let token = key(46),
            let trust = try? AuthorizedKeys(org: "acme", people: people, nodes: [])
        else { return nil }
        let keys = MemberKeys(
            name: node, log: log, witness: witness, token: token,
            tls: verifier.hashing.sha256([44]))
        let genesis = Genesis(people: trust, node: keys, revision: nil, hasStandby: true)
        let statement = ControlStatement(
            org: "acme", at: at, node: node, content: .genesis(genesis))
        guard
            let draft = try? EntryDraft(
                statement, key: log, sign: { _ in [UInt8](repeating: 0, count: 64) }),
            let entry = try? ChainEntry(
                draft.stored(after: nil, hashing: verifier.hashing), after: nil,
                hashing: verifier.hashing)
        else { return nil }
        return try? ChainState(first: entry, genesis: nil, verifier: verifier)
    }
}

/// Takes each signature for a good one, so that what follows from it is reached.
private struct AcceptingVerifier: EntryVerifier, SignatureVerifier {
    var hashing: any Hashing { OpenSSLHashing() }
    var signatures: any SignatureVerifier { self }

    func verifies(_ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool {
        true
    }

    func passkeys(of people: AuthorizedKeys) -> EnrolledPasskeyVerifier? { nil }

    func change(
        _ kind: WideningKind, _ statements: PeopleStatements, in context: StatementContext
    ) throws(StatementRefusal) -> OrderedChange { throw .unauthorized("not in this test") }
}
