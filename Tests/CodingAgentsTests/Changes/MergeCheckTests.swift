import InterlockCredentials
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockChangeReview
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockWorkspace

/// The questions of merge checks to the gateway: contents that runs wrote, known people, and the record of the answer.
@Suite(.requirement("R140"), .requirement("R143")) struct `Checks of merges` {
    private static let hashing = OpenSSLHashing()
    private static let run = RunID("01kag0q9v4x2m7c8d3e5f6g7h8").unwrapped
    private static let other = RunID("01kag0q9v4x2m7c8d3e5f6g7h9").unwrapped

    /// Reviews, each with the changes that it lists, and sessions.
    private let log = PayloadLog()
    private let store = MemoryChangeReviews(base: Digest(words: (5, 6, 7, 8)))

    private func contents() -> AgentContents {
        AgentContents(log: log, store: store, hashing: Self.hashing)
    }

    private func digest(_ number: UInt64) -> Digest { Digest(words: (number, 0, 0, 1)) }

    private func change(
        _ path: String, _ content: UInt64, size: Int64 = 5, lower: UInt64? = nil
    ) -> JSONValue {
        var object: JSONObject = [
            "path": .string(path), "kind": "file", "op": "modify", "flags": [],
            "size": .integer(size), "mode": "0644", "sha256": .string(digest(content).hex),
        ]
        object["lower_sha256"] = lower.map { .string(digest($0).hex) }
        return .object(object)
    }

    private func add(
        _ run: RunID, _ listed: [JSONValue]?, count: Int64? = nil, sum: Digest? = nil
    ) {
        // The payload of a record that has no list is erased.
        let answer: PayloadResponse =
            listed.map { .opened(JSONValue.array($0).serialized()) } ?? .erased
        log.add(
            [
                "t": "run.diff", "ofrun": .string(run.text), "agent": "clerk",
                "cnt": .integer(count ?? Int64(listed?.count ?? 1)),
                "sum": .string((sum ?? digest(0)).base64),
            ], payload: DisplayedPayload(field: "changes", answer: answer))
    }

    private func addSession(of run: RunID, _ more: JSONObject) {
        let leaf: JSONObject = [
            "t": "hook.session", "run": .string(run.text), "agent": "clerk",
            "ev": "session_start", "ses": "s",
        ]
        log.add(JSONObject(distinct: leaf.members + more.members))
    }

    private func answer(
        _ contents: AgentContents, _ numbers: [UInt64], runs: [RunID] = []
    ) async throws -> WrittenContentsAnswer {
        try await contents.answer(
            WrittenContentsRequest(contents: numbers.map(digest), runs: runs))
    }

    @Test func `contents that runs wrote are found, and nothing else`() async throws {
        add(
            Self.run,
            [
                change("a", 1), change("mode", 2, lower: 2), change("empty", 3, size: 0),
                change(".git/x", 4), change("b", 5, lower: 6),
                ["path": "gone", "kind": "delete", "op": "delete", "flags": []],
            ])
        let found = try await answer(contents(), [1, 2, 3, 4, 5, 6])
        #expect(found.contents.map(\.content) == [digest(1), digest(5)])
        #expect(found.contents.map(\.runs) == [[Self.run], [Self.run]])
        #expect(found.runs.map(\.agent.text) == ["clerk"])
        #expect(found.unread.isEmpty)
    }

    @Test func `the log is read on from where it was read`() async throws {
        let contents = contents()
        add(Self.run, [change("a", 1)])
        _ = try await answer(contents, [1])
        add(Self.other, [change("a", 1), change("b", 2)])
        let found = try await answer(contents, [1, 2], runs: [Self.run])
        #expect(log.opened.withLock { $0 } == [0, 1])
        #expect(found.contents.map(\.runs) == [[Self.run, Self.other], [Self.other]])
        #expect(Set(found.runs.map(\.run)) == [Self.run, Self.other])
    }

    @Test func `a run has the host that its hooks named, with the version of its session`()
        async throws
    {
        add(Self.run, [change("a", 1)])
        add(Self.other, [change("b", 2)])
        addSession(of: Self.run, ["host": "claude-code", "hv": "2.1.332"])
        addSession(of: Self.run, ["host": "claude-code", "model": "m"])
        let found = try await answer(contents(), [1, 2])
        #expect(found.runs.map(\.host) == ["claude-code 2.1.332", nil])
        let rows = found.json["runs"]?.array ?? []
        #expect(rows.map { $0["host"] } == ["claude-code 2.1.332", nil])
        addSession(of: Self.other, ["host": "codex"])
        let later = try await answer(contents(), [2])
        #expect(later.runs.map(\.host) == ["codex"])
    }

    @Test func `a run of two hosts has the newest, without the version of the older`()
        async throws
    {
        add(Self.run, [change("a", 1)])
        add(Self.other, [change("b", 2)])
        addSession(of: Self.run, ["host": "cursor", "hv": "1.2"])
        addSession(of: Self.run, ["host": "codex"])
        addSession(of: Self.other, ["host": "codex", "hv": "0.9"])
        addSession(of: Self.other, ["host": "cursor", "hv": "1.2"])
        addSession(of: Self.other, ["host": "codex"])
        let found = try await answer(contents(), [1, 2])
        #expect(found.runs.map(\.host) == ["codex", "codex 0.9"])
    }

    @Test func `a run that is asked for by name is found without a content`() async throws {
        add(Self.run, [change("a", 1)])
        let found = try await answer(contents(), [9], runs: [Self.run, Self.other])
        #expect(found.runs.map(\.run) == [Self.run] && found.contents.isEmpty)
    }

    @Test func `a review that cannot be opened, or lists a part, is unread`() async throws {
        add(Self.run, nil)
        add(Self.other, [change("a", 1)], count: 3)
        let found = try await answer(contents(), [1])
        #expect(found.unread.map(\.run) == [Self.run, Self.other])
        // The listed part counts all the same.
        #expect(found.contents.map(\.runs) == [[Self.other]])
    }

    @Test func `a later review does not make up for one that was unread`() async throws {
        add(Self.run, [change("a", 1)], count: 3)
        add(Self.run, [change("a", 1)])
        let found = try await answer(contents(), [1])
        #expect(found.unread.map(\.run) == [Self.run])
    }

    @Test func `a long review is read from the layer that its digest binds`() async throws {
        let changes = [
            WorkspaceChange(
                path: try #require(WorkspacePath(escaped: "long")), operation: .create, before: nil,
                after: .file(size: 5, mode: 0o644, digest: digest(7), hasAttributes: false),
                flags: [], lowerDigest: nil)
        ]
        store.state.withLock { $0.changes = changes }
        add(Self.run, [change("a", 1)], count: 2000, sum: changes.digest(Self.hashing))
        add(Self.other, [change("a", 1)], count: 2000)
        let found = try await answer(contents(), [7])
        #expect(found.contents.map(\.runs) == [[Self.run]])
        #expect(found.unread.map(\.run) == [Self.other])
    }

    @Test func `a search that is not complete finds nothing out`() async throws {
        add(Self.run, [change("a", 1)])
        log.fault.withLock { $0 = "the index is damaged" }
        await #expect(throws: MergeCheckRefusal.notRead("the index is damaged")) {
            _ = try await answer(contents(), [1])
        }
    }

    private func service(_ bench: Bench) -> MergeCheckService {
        MergeCheckService(
            gateway: bench.gateway, people: bench.people, contents: contents(),
            history: MergeHistory(log: log, payloadDays: 90),
            pseudonyms: HMACPseudonyms(secret: [UInt8](repeating: 7, count: 32)))
    }

    private func checked(_ changes: JSONObject = [:]) throws(FormError) -> MergeCheckedRequest {
        var object: JSONObject = [
            "result": "refused", "head": .string(String(repeating: "4", count: 40)),
            "base": .string(String(repeating: "a", count: 40)), "merger": "sam@acme.example",
            "commits": 3, "files": 5, "assisted": 2, "gate": 1, "approvals": 1,
            "codes": ["gate-changed"],
            "findings": [
                [
                    "code": "gate-changed", "effect": "refusal", "at": "CODEOWNERS",
                    "message": "changed",
                ]
            ],
        ]
        for (key, value) in changes.members { object[key] = value }
        return try MergeCheckedRequest(.object(object))
    }

    @Test func `the answer is on record, with the pseudonym of the person who merges`() async throws
    {
        let bench = try Bench()
        _ = try await service(bench).record(try checked())
        let draft = try #require(bench.ledger.drafts.last)
        #expect(draft.type == .mergeChecked && draft.run == nil)
        #expect(draft.fields["verdict"] == "refused" && draft.fields["cnt"] == 3)
        let by = try #require(draft.fields["by"]?.string)
        #expect(by.utf8.count == 24 && !by.contains("sam"))
        #expect(draft.payloads.map(\.field) == ["findings"])
    }

    @Test func `a statement that is not of its form is refused`() {
        for changes in [
            ["result": "passed"], ["head": "4f1c"], ["codes": ["Gate Changed"]], ["commits": -1],
            ["findings": [["code": "x"]]], ["extra": 1],
        ] as [JSONObject] {
            #expect(throws: FormError.self) { _ = try checked(changes) }
        }
    }

    @Test func `enrolled people are known unless the policy lists people`() async throws {
        let bench = try Bench()
        let enrolled = People.all["ines"].person
        let stranger = try #require(Person("eve@elsewhere.example"))
        let people: JSONValue = [.string(enrolled.address), .string(stranger.address)]
        let facts = try await service(bench).facts(
            of: try MergeFactsRequest(["people": people]))
        #expect(facts["known"] == [.string(enrolled.address)])
        #expect(facts["wip_limit"] == nil && facts["counted"] == nil)
    }
}
