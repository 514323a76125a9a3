import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// The form of what a node signs for a row.
struct RowStatementTests {
    private static let limit = 70 << 10

    private func statement() throws -> RowStatement<ChallengeRow> {
        RowStatement(
            org: "acme", at: ClusterOrganisation.start, node: ClusterOrganisation.name(1),
            head: ChainHead(number: 12, digest: RowSample.digest),
            row: RowSample.challenge(.signIn(RowSample.digest)))
    }

    private func error(_ payload: [UInt8], limit: Int = limit) -> FormError? {
        do throws(FormError) {
            _ = try RowStatement<ChallengeRow>(parsing: payload, limit: limit)
            return nil
        } catch { return error }
    }

    @Test func `a statement is its canonical JSON`() throws {
        let payload = try statement().canonical()
        let digest = RowSample.digest
        #expect(
            String(decoding: payload, as: UTF8.self) == """
                {"at":"\(ClusterOrganisation.start.rfc3339())",\
                "columns":{"ends":"\(RowSample.ends.rfc3339())"},\
                "content":{"sign-in":"\(digest.prefixed)"},\
                "entry":{"digest":"\(digest.prefixed)","n":12},"key":"\(digest.hex)",\
                "node":"gw1","org":"acme","rev":1,"table":"challenge","v":1,"ver":1}
                """)
        let parsed = try RowStatement<ChallengeRow>(parsing: payload, limit: Self.limit)
        #expect(parsed == (try statement()))
    }

    @Test func `a member that is missing, unknown or of another form is refused`() throws {
        let object = try #require(try statement().json.object)
        for (name, _) in object.members {
            var edited = object
            edited[name] = nil
            #expect(error(try edited.canonical()) == .missingMember(name))
            edited[name] = .null
            #expect(error(try edited.canonical()) != nil, "\(name)")
        }
        var edited = object
        edited["more"] = 1
        #expect(error(try edited.canonical()) == .unknownMember("more"))
        let others: [(String, JSONValue)] = [
            ("v", 2), ("rev", 0), ("rev", 2), ("ver", 2), ("rev", 2_147_483_648), ("table", "run"),
            ("table", "vote"), ("key", ""), ("key", "00"), ("node", "GW1"), ("org", ""),
            ("at", "2026-11-30T10:04:05Z"), ("content", [:]),
            (
                "content",
                [
                    "enrolment": .string(RowSample.digest.prefixed),
                    "sign-in": .string(RowSample.digest.prefixed),
                ]
            ),
            ("columns", [:]), ("columns", ["ends": .string(RowSample.ends.rfc3339()), "a": 1]),
            ("entry", ["digest": .string(RowSample.digest.prefixed), "n": -1]),
        ]
        for (name, value) in others {
            var edited = object
            edited[name] = value
            #expect(error(try edited.canonical()) != nil, "\(name): \(value)")
        }
    }

    @Test func `another spelling and a statement that is too long are refused`() throws {
        let payload = try statement().canonical()
        #expect(error(payload + [0x20]) == .notCanonical)
        #expect(error(payload, limit: payload.count - 1) != nil)
        #expect(error(payload, limit: payload.count) == nil)
    }

    @Test func `a request is sealed up to 70 KiB`() throws {
        let world = try RowWorld()
        func body(_ count: Int) throws -> [UInt8] {
            var content = RowSample.content(revision: 1).object ?? [:]
            content["text"] = .string(String(repeating: "a", count: count))
            return try world.body(
                try RequestRow(
                    RowSample.request, revision: 1, version: 1, agent: RowSample.agent,
                    run: ClusterOrganisation.run(1), uses: 1, quorum: 1, ends: RowSample.ends,
                    content: .object(content)))
        }
        let rest = Self.limit - (try body(0).count)
        #expect(try body(rest).count == Self.limit)
        #expect(throws: FormError.self) { try body(rest + 1) }
    }

    @Test func `arguments as deep as people can review are in a statement`() throws {
        let world = try RowWorld()
        var arguments: JSONValue = 1
        for _ in 0..<63 { arguments = [arguments] }
        let content: JSONValue = [
            "review": [
                "request": .string(RowSample.request.text), "revision": 1,
                "call": ["args": ["a": arguments]],
            ],
            "state": "pending", "votes": [],
        ]
        let row = try RequestRow(
            RowSample.request, revision: 1, version: 1, agent: RowSample.agent,
            run: ClusterOrganisation.run(1), uses: 1, quorum: 1, ends: RowSample.ends,
            content: content)
        let stored = StoredRow<RequestRow>(
            RowSample.columns(of: row), body: try world.body(row))
        #expect(try world.rejection(stored) == nil)
    }

    @Test func `a row whose content is that of another one is not made`() {
        let id = ClusterOrganisation.request(2)
        #expect(throws: FormError.self) {
            try RequestRow(
                id, revision: 1, version: 1, agent: RowSample.agent,
                run: ClusterOrganisation.run(1), uses: 1, quorum: 1, ends: RowSample.ends,
                content: RowSample.content(revision: 1))
        }
        #expect(throws: FormError.self) {
            try SessionRow(
                RowSample.digest, person: RowSample.person, ends: RowSample.ends,
                content: ["person": .string(RowSample.other.text)])
        }
        #expect(throws: FormError.self) {
            try WaitingRow(.enrolment, "a", version: 1, ends: RowSample.ends, content: ["id": "b"])
        }
        #expect(throws: FormError.self) {
            try NotificationRow(
                "a", channel: "mail", day: RowSample.notification.day, since: RowSample.ends,
                content: ["id": "b"])
        }
    }
}
