import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// A row of one table with its honest columns, and an edit of each of them.
struct RowCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// The names of the edits.
    let edits: [String]
    let table: RowTable
    /// The body that a node of the world writes.
    let body: @Sendable (_ world: RowWorld, _ node: Int, _ org: String) throws -> [UInt8]
    /// The body that a node signs with a key, seals with other keys, or writes after another head.
    let otherBody:
        @Sendable (_ world: RowWorld, _ head: ChainHead?, _ key: PublicKey?, _ keys: StoreKeys?)
            throws -> [UInt8]
    /// Verifies a body under the honest columns, or under those of the edit of this place, with these store keys.
    let rejection:
        @Sendable (_ world: RowWorld, _ body: [UInt8], _ edit: Int?, _ keys: StoreKeys?) throws ->
            RowRejection?
    /// True if the row reads back from a body as it was written.
    let readsBack: @Sendable (_ world: RowWorld, _ body: [UInt8]) throws -> Bool

    var testDescription: String { name }

    /// - Parameter columns: the columns of the row as `gw1` wrote it.
    init<Row: ClusterRow>(
        _ name: String, _ row: Row, _ columns: Row.Columns,
        _ edits: [(String, @Sendable (inout Row.Columns) -> Void)]
    ) {
        self.name = name
        self.edits = edits.map(\.0)
        table = row.address.table
        body = { world, node, org in try world.body(row, node: node, org: org) }
        otherBody = { world, head, key, keys in
            try world.body(row, head: head, key: key, keys: keys)
        }
        rejection = { world, body, edit, keys in
            var columns = columns
            if let edit { edits[edit].1(&columns) }
            return try world.rejection(StoredRow<Row>(columns, body: body), keys: keys)
        }
        readsBack = { world, body in
            let verified = try world.verifier.verify(
                StoredRow<Row>(columns, body: body), in: try world.follower())
            return verified.row == row && verified.node == ClusterOrganisation.name(1)
        }
    }
}

/// The values of rows in tests.
enum RowSample {
    static let request = ClusterOrganisation.request(1)
    static let agent = AgentName("refunds").unwrapped
    static let ends = ClusterOrganisation.start + .seconds(3600)
    static let digest = Digest(words: (1, 2, 3, 4))
    static let person = Pseudonym(text: Base64.encode([UInt8](repeating: 251, count: 16)))
    static let other = Pseudonym(text: Base64.encode([UInt8](repeating: 252, count: 16)))

    static func content(
        _ request: ApprovalID = request, revision: Int64, amount: Int64 = 4200
    ) -> JSONValue {
        [
            "review": [
                "request": .string(request.text), "revision": .integer(revision),
                "call": ["args": ["amount": .integer(amount), "to": "ana@acme.example"]],
            ],
            "state": "pending", "votes": [],
        ]
    }

    static func request(
        revision: Int64 = 1, version: Int64 = 1, uses: Int64 = 1, quorum: Int64 = 2,
        votes: Int64 = 0, dropped: Set<Pseudonym> = [], used: Int64 = 0, amount: Int64 = 4200
    ) -> RequestRow {
        (try? RequestRow(
            request, revision: revision, version: version, agent: agent,
            run: ClusterOrganisation.run(1), uses: uses, quorum: quorum, votes: votes,
            dropped: dropped, used: used, ends: ends,
            content: content(revision: revision, amount: amount))).unwrapped
    }

    static func columns(
        of row: RequestRow, version: Int64? = nil, status: String = "pending", used: Int64 = 0,
        node: String = "gw1"
    ) -> RequestRow.Columns {
        RequestRow.Columns(
            request: row.request.text, revision: row.revision, version: version ?? row.version,
            status: status, uses: row.uses, used: used, agent: row.agent.text, run: row.run.text,
            ends: row.ends, node: node)
    }

    static func vote(
        by person: Pseudonym = person, revision: Int64 = 1, leaf: Int64 = 7
    ) -> VoteRow {
        VoteRow(
            request, revision: revision, person: person, origin: "acme.example/gw1/1", leaf: leaf,
            content: ["payloadType": "application/vnd.interlock.vote+json"])
    }

    static func columns(of row: VoteRow, node: String = "gw1") -> VoteRow.Columns {
        VoteRow.Columns(
            request: row.request.text, revision: row.revision, person: row.person.text,
            origin: row.origin.text, leaf: row.leaf, node: node)
    }

    static func session(_ ends: Timestamp = ends) -> SessionRow {
        (try? SessionRow(
            digest, person: person, ends: ends,
            content: ["began": 1, "person": .string(person.text), "seen": 2])).unwrapped
    }

    static func columns(of row: SessionRow, isEnded: Bool = false) -> SessionRow.Columns {
        SessionRow.Columns(
            token: row.token.hex, person: row.person.text, ends: row.ends, isEnded: isEnded,
            node: "gw1")
    }

    static func waiting(
        _ kind: WaitingRow.Kind = .elevation, version: Int64 = 2, signatures: Int64 = 1
    ) -> WaitingRow {
        let id = kind == .revision ? digest.prefixed : ClusterOrganisation.orderID(5).text
        let member = kind == .revision ? "digest" : "id"
        return
            (try? WaitingRow(
                kind, ExactText(id), version: version, ends: ends,
                content: [member: .string(id), "signatures": .integer(signatures)])).unwrapped
    }

    static func columns(
        of row: WaitingRow, version: Int64? = nil, status: String = "waiting",
        node: String = "gw1"
    ) -> WaitingRow.Columns {
        WaitingRow.Columns(
            kind: row.kind, id: row.id.text, version: version ?? row.version, status: status,
            ends: row.ends, node: node)
    }

    static func challenge(_ purpose: ChallengeRow.Purpose) -> ChallengeRow {
        ChallengeRow(digest, for: purpose, ends: ends)
    }

    static let notification: NotificationRow = {
        let id = ClusterOrganisation.orderID(6).text
        return
            (try? NotificationRow(
                ExactText(id), channel: "mail", day: CivilDate("2026-11-30").unwrapped,
                since: ends, content: ["id": .string(id), "summary": "a request waits"]))
            .unwrapped
    }()
}

extension RowCase {
    static let all: [RowCase] =
        [request, vote, session, signIn, enrolmentChallenge, notification]
        + WaitingRow.Kind.allCases.map(waiting)

    private static let later = RowSample.ends + .seconds(1)

    private static let request: RowCase = {
        let row = RowSample.request()
        return RowCase(
            "approval", row, RowSample.columns(of: row),
            [
                ("id", { $0.request = ClusterOrganisation.request(2).text }),
                ("rev", { $0.revision = 2 }),
                ("ver", { $0.version = 0 }),
                ("uses", { $0.uses = 2 }),
                ("agent", { $0.agent = "payouts" }),
                ("run", { $0.run = ClusterOrganisation.run(2).text }),
                ("ends", { $0.ends = later }),
                ("node", { $0.node = "gw2" }),
            ])
    }()

    private static let vote: RowCase = {
        let row = RowSample.vote()
        return RowCase(
            "vote", row, RowSample.columns(of: row),
            [
                ("id", { $0.request = ClusterOrganisation.request(2).text }),
                ("rev", { $0.revision = 2 }),
                ("person", { $0.person = RowSample.other.text }),
                ("origin", { $0.origin = "acme.example/gw2/1" }),
                ("leaf", { $0.leaf = 8 }),
                ("node", { $0.node = "gw2" }),
            ])
    }()

    private static let session: RowCase = {
        let row = RowSample.session()
        return RowCase(
            "session", row, RowSample.columns(of: row),
            [
                ("id", { $0.token = Digest(words: (1, 2, 3, 5)).hex }),
                ("person", { $0.person = RowSample.other.text }),
                ("ends", { $0.ends = later }),
                ("node", { $0.node = "gw2" }),
            ])
    }()

    private static func challenge(_ name: String, _ row: ChallengeRow) -> RowCase {
        RowCase(
            name, row,
            ChallengeRow.Columns(challenge: row.challenge.hex, ends: row.ends, node: "gw1"),
            [
                ("id", { $0.challenge = Digest(words: (1, 2, 3, 5)).hex }),
                ("ends", { $0.ends = later }),
                ("node", { $0.node = "gw2" }),
            ])
    }

    private static let signIn = challenge(
        "challenge of a sign-in", RowSample.challenge(.signIn(RowSample.digest)))

    private static let enrolmentChallenge = challenge(
        "challenge of an enrolment", RowSample.challenge(.enrolment(RowSample.digest)))

    private static func waiting(_ kind: WaitingRow.Kind) -> RowCase {
        let row = RowSample.waiting(kind)
        return RowCase(
            kind.rawValue, row, RowSample.columns(of: row),
            [
                ("kind", { $0.kind = kind == .revision ? .elevation : .revision }),
                ("id", { $0.id += "0" }),
                ("ver", { $0.version = 3 }),
                ("ver before", { $0.version = 1 }),
                ("state", { $0.status = "complete" }),
                ("unknown state", { $0.status = "open" }),
                ("ends", { $0.ends = later }),
                ("node", { $0.node = "gw2" }),
            ])
    }

    private static let notification = RowCase(
        "outbox", RowSample.notification,
        NotificationRow.Columns(
            day: "2026-11-30", id: RowSample.notification.id.text, channel: "mail", node: "gw1"),
        [
            ("day", { $0.day = "2026-12-01" }),
            ("id", { $0.id = ClusterOrganisation.orderID(7).text }),
            ("channel", { $0.channel = "webhook" }),
            ("node", { $0.node = "gw2" }),
        ])
}
