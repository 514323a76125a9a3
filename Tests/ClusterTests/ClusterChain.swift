import InterlockModel
import InterlockTesting

@testable import InterlockCluster

/// A chain that a test appends to, as an honest store does.
struct ClusterChain {
    let organisation: ClusterOrganisation
    private(set) var rows: [StoredEntry] = []
    private(set) var now = ClusterOrganisation.start
    private let hashing = WeakHashing()

    /// A chain with its first entry, by `gw1`.
    init(_ organisation: ClusterOrganisation = ClusterOrganisation()) throws {
        self.organisation = organisation
        let genesis = Genesis(
            people: try organisation.people(), node: ClusterOrganisation.keys(1), revision: nil,
            hasStandby: true)
        try append(.genesis(genesis))
    }

    var head: ChainHead? {
        guard let last = rows.last, let digest = last.digest else { return nil }
        return ChainHead(number: last.number, digest: digest)
    }

    /// The number of the next entry.
    var next: Int64 { Int64(rows.count) }

    mutating func pass(_ time: Duration) { now = now + time }

    /// Drops the body of a row, as the store does after a snapshot.
    mutating func drop(_ number: Int64) { rows[Int(number)].body = nil }

    /// Hides a row as if it were a use that was dropped.
    mutating func hide(_ number: Int64) {
        rows[Int(number)].body = nil
        rows[Int(number)].kind = "use"
    }

    /// Cuts rows off the end, as a lossy failover does.
    mutating func lose(_ count: Int) { rows.removeLast(count) }

    /// The row that would be appended.
    func row(
        _ content: EntryContent, subject: String = "", node: Int = 1, org: String = "acme",
        at time: Timestamp? = nil, key: PublicKey? = nil
    ) throws -> StoredEntry {
        let key = key ?? ClusterOrganisation.keys(node).log
        let statement = ControlStatement(
            org: org, at: time ?? now, node: ClusterOrganisation.name(node), content: content)
        let draft = try EntryDraft(statement, subject: subject, key: key) { message in
            ForgeableSignatures.sign(message, key)
        }
        return draft.stored(after: head, hashing: hashing)
    }

    /// A first row with another content.
    func firstRow(_ content: EntryContent) throws -> StoredEntry {
        var empty = self
        empty.rows = []
        return try empty.row(content)
    }

    @discardableResult
    mutating func append(
        _ content: EntryContent, subject: String = "", node: Int = 1, at time: Timestamp? = nil
    ) throws -> StoredEntry {
        let row = try row(content, subject: subject, node: node, at: time)
        rows.append(row)
        now = now + .seconds(1)
        return row
    }

    @discardableResult
    mutating func append(
        _ change: NarrowingChange, node: Int = 1, at time: Timestamp? = nil
    ) throws -> StoredEntry {
        try append(.narrowing(change), node: node, at: time)
    }

    @discardableResult
    mutating func append(
        _ kind: WideningKind, _ envelopes: [Envelope], subject: String, node: Int = 1,
        at time: Timestamp? = nil
    ) throws -> StoredEntry {
        let statements = PeopleStatements(envelopes).unwrapped
        return try append(.widening(kind, statements), subject: subject, node: node, at: time)
    }

    /// Appends a snapshot of the state at the head.
    mutating func snapshot(of state: ChainState, drops: Int64? = nil) throws {
        let snapshot = state.snapshot(drops: drops, at: now, hashing: hashing)
        try append(.snapshot(snapshot.unwrapped))
    }

    /// The state after the first entry.
    func first() throws -> ChainState {
        let entry = try ChainEntry(rows[0], after: nil, hashing: hashing)
        return try ChainState(
            first: entry, genesis: entry.digest, verifier: organisation.verifier)
    }

    /// A follower that has read all rows.
    func follower() throws -> ChainFollower {
        var follower = ChainFollower(try first())
        _ = follower.receive(Array(rows.dropFirst()), verifier: organisation.verifier)
        return follower
    }
}
