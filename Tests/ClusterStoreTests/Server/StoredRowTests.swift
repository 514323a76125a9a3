import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster
@testable import InterlockClusterStore

/// Requests and votes at a real store, whose rows its owner edits.
@Suite(
    .serialized, .enabled(if: TestServer.isInstalled || TestFiles.isCI, "PostgreSQL 15 is missing"))
struct StoredRowTests {
    private static let verifier = RowVerifier(
        keys: StoreOrganisation.sealing, verifier: StoreVerifier())

    private static func draft<Row: ClusterRow>(
        _ row: Row, by node: Int, _ head: ChainHead
    ) throws -> RowDraft<Row> {
        let statement = RowStatement(
            org: "acme", at: StoreCluster.now, node: StoreOrganisation.name(node), head: head,
            row: row)
        return try RowDraft(
            statement, keys: StoreOrganisation.sealing,
            nonce: SystemEntropy().bytes(StoreKeys.nonceBytes)
        ) { StoreOrganisation.sign($0, by: node) }
    }

    private static func row(_ request: ApprovalID) throws -> RequestRow {
        try RequestRow(
            request, revision: 1, version: 1, agent: AgentName("refunds").unwrapped,
            run: StoreOrganisation.run(1), uses: 2, quorum: 2,
            ends: StoreCluster.now + .seconds(3600),
            content: [
                "review": ["request": .string(request.text), "revision": 1], "state": "pending",
                "votes": [],
            ])
    }

    /// Asks as the first node, and votes as the others.
    private func approved(_ request: ApprovalID, _ cluster: StoreCluster) async throws {
        let row = try Self.row(request)
        let draft = RequestDraft(try Self.draft(row, by: 1, cluster.head), takes: [])
        _ = try await cluster.nodes[0].store.ask(draft, in: .first)
        for number in 2...3 {
            let person = StoreOrganisation.people[number - 2].pseudonym
            let vote = VoteRow(
                request, revision: 1, person: person,
                origin: ExactText("acme.example/gw\(number)/1"),
                leaf: Int64(number), content: ["vote": "approve"])
            let stored = StoredVote(
                try Self.draft(vote, by: number, cluster.head), version: Int64(number - 1),
                isLast: number == 3,
                nonce: SpentNonce(ExactText("\(request) \(number)"), ends: row.ends),
                attempt: "1")
            _ = try await cluster.nodes[number - 1].store.vote(stored, in: .first)
        }
    }

    /// Reads and verifies a request as the third node.
    private func status(
        _ request: ApprovalID, _ cluster: StoreCluster, _ chain: ChainFollower
    ) async throws -> Result<RequestStatus, RowRejection>? {
        guard let stored = try await cluster.nodes[2].store.request(request) else { return nil }
        do throws(RowRejection) {
            return .success(try stored.verified(by: Self.verifier, in: chain).status)
        } catch { return .failure(error) }
    }

    private func follower(_ cluster: StoreCluster) async throws -> ChainFollower {
        let entries = try await cluster.nodes[2].store.entries(after: -1)
        var follower = try StoreOrganisation.follower(entries[0])
        _ = follower.receive(Array(entries.dropFirst()), verifier: StoreVerifier())
        try #require(follower.isSound)
        return follower
    }

    /// Edits of the columns of a request that has two votes.
    private static let edits = [
        "rev = 2", "ver = 2", "ver = 4", "state = 'pending'", "state = 'used'",
        "state = 'denied'", "uses = 3", "used = 2", "used = 1", "used = 1, ver = 4, uses = 5",
        "agent = 'payouts'", "run = '01kag000000000000000000000'",
        "ends = ends + interval '1 day'", "ends = 'infinity'", "body = 'x'",
        "body = set_byte(body, 40, get_byte(body, 40) # 1)",
        "body = (SELECT body FROM il.approval WHERE id = $2)",
        "ver = 2, state = 'pending'", "state = 'expired', ver = 4",
    ]
    private static let voteEdits = [
        "rev = 2", "person = 'AAAAAAAAAAAAAAAAAAAAAA=='", "origin = 'x'", "leaf = 9",
        "node = 'gw1'", "node = 'gw9'", "proof = 'x'",
        "proof = set_byte(proof, 40, get_byte(proof, 40) # 1)",
        "proof = (SELECT proof FROM il.vote WHERE id = $2 ORDER BY person LIMIT 1)",
    ]

    @Test func `nothing is permitted from a row that the owner of the database edits`() async throws
    {
        let cluster = try #require(try await StoreCluster())
        defer { cluster.stop() }
        let (request, other) = (StoreOrganisation.request(1), StoreOrganisation.request(2))
        try await approved(request, cluster)
        try await approved(other, cluster)
        let chain = try await follower(cluster)
        #expect(try await status(request, cluster, chain) == .success(.approved))
        #expect(try await status(StoreOrganisation.request(3), cluster, chain) == nil)

        // Each edit is tried on a copy of the row, which then takes the place of the row.
        try cluster.script(
            """
            CREATE TABLE public.a AS SELECT * FROM il.approval;
            CREATE TABLE public.v AS SELECT * FROM il.vote;
            """)
        let tables = [
            ("il.approval", "public.a", Self.edits), ("il.vote", "public.v", Self.voteEdits),
        ]
        for (table, copy, edits) in tables {
            for edit in edits {
                let needsOther = edit.contains("$2")
                let count = try cluster.edit(
                    "UPDATE \(table) SET \(edit) WHERE id = $1"
                        + (table == "il.vote" ? " AND node = 'gw2'" : ""),
                    [.text(request.text)] + (needsOther ? [.text(other.text)] : []))
                #expect(count == 1, "\(edit)")
                do {
                    let result = try await status(request, cluster, chain)
                    let isSuccess = if case .success = result { true } else { false }
                    #expect(!isSuccess, "\(table): \(edit)")
                } catch is ClusterCallFailure {
                    // A value that no function writes is not read at all.
                }
                _ = try cluster.edit("DELETE FROM \(table)")
                _ = try cluster.edit("INSERT INTO \(table) SELECT * FROM \(copy)")
                #expect(try await status(request, cluster, chain) == .success(.approved))
            }
        }
        // A vote that is deleted, and one that is copied to another request.
        _ = try cluster.edit(
            "DELETE FROM il.vote WHERE id = $1 AND node = 'gw2'", [.text(request.text)])
        #expect(try await status(request, cluster, chain) != .success(.approved))
        _ = try cluster.edit(
            """
            INSERT INTO il.vote (id, rev, person, proof, origin, leaf, node)
            SELECT $1::text, rev, person, proof, origin, leaf, node FROM il.vote
             WHERE id = $2 AND node = 'gw2'
            """, [.text(request.text), .text(other.text)])
        #expect(try await status(request, cluster, chain) != .success(.approved))
    }

    @Test func `a grant that is used and set back by hand is void`() async throws {
        let cluster = try #require(try await StoreCluster())
        defer { cluster.stop() }
        let request = StoreOrganisation.request(1)
        try await approved(request, cluster)
        let digest = OpenSSLHashing().sha256([1])
        let use = GrantUse(request: request, number: 1, call: digest, intent: digest)
        let before = try await follower(cluster)
        _ = try await cluster.nodes[1].store.use(
            RequestVersion(request, revision: 1, version: 3), use,
            try StoreOrganisation.draft(.use(use), by: 2),
            nonce: SpentNonce("use", ends: StoreCluster.now + .seconds(60)),
            known: before.head.number, in: .first)
        let after = try await follower(cluster)
        #expect(
            try await status(request, cluster, before)
                == .failure(.behind(before.head.number + 1)))
        #expect(try await status(request, cluster, after) == .success(.approved))
        _ = try cluster.edit(
            "UPDATE il.approval SET used = 0, ver = 3 WHERE id = $1", [.text(request.text)])
        let address = RowAddress(.approval, request.text)
        #expect(
            try await status(request, cluster, after)
                == .failure(.void(VoidRow(address, .otherColumn("used")))))
    }
}
