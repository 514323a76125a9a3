import InterlockApprovals
import InterlockCredentials
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockChangeReview
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes
@testable import InterlockWorkspace

/// Approvals of flagged changes of a run: who signs, what they cover, and what they are spent for.
@Suite(.requirement("R078")) struct `Review of changes` {
    private static let hashing = OpenSSLHashing()
    private static let base = Digest(words: (5, 6, 7, 8))

    private final class World {
        let bench: Bench
        let store: MemoryChangeReviews
        let service: ChangeReviewService
        let run: RunID

        init(_ policy: [(String, String)] = [], passkeys: Passkeys? = nil) async throws {
            bench = try Bench(policy: policy, passkeys: passkeys)
            store = MemoryChangeReviews(base: `Review of changes`.base)
            let sandboxes = bench.sandboxes
            service = ChangeReviewService(
                gateway: bench.gateway, sandboxes: sandboxes, store: store, people: bench.people,
                verifier: bench.verifier, passkeys: passkeys?.voting,
                hashing: `Review of changes`.hashing)
            run = try await sandboxes.begin(
                SandboxRequest(
                    agent: try #require(AgentName("clerk")), kind: .task, purpose: "Fix a bug",
                    request: nil, policy: bench.policy.digest,
                    argv: `Review of changes`.base, isolation: "full", backend: "own",
                    layers: ["user"], degraded: ["cpu"], landlock: 6, hidden: [], secrets: [])
            ).run
            try await sandboxes.end(
                run, SandboxEnd(code: "exited", source: .agent, exit: 0))
            let changes = try [
                ("Makefile", [WorkspaceFlag.executesLater]), ("notes.txt", []),
                ("src/run.sh", [.newExecutable]),
            ].map { path, flags in
                WorkspaceChange(
                    path: try #require(WorkspacePath(escaped: path)), operation: .create,
                    before: nil,
                    after: .file(
                        size: 5, mode: flags.contains(.newExecutable) ? 0o755 : 0o644,
                        digest: `Review of changes`.base, hasAttributes: false), flags: flags,
                    lowerDigest: nil)
            }
            store.state.withLock { $0.changes = changes }
        }

        func session(_ name: String) -> PersonSession {
            PersonSession(
                person: People.all[name].person, pseudonym: People.all[name].pseudonym,
                formToken: "form")
        }

        func visibility(_ name: String) -> Visibility {
            VisibilityService(people: bench.people, policy: bench.gateway.policy)
                .visibility(of: People.all[name].person)
        }

        func draft(_ name: String, _ paths: [String] = []) throws -> OrderDraft {
            try service.draft(
                of: run, paths.compactMap { WorkspacePath(escaped: $0) }, lasting: .seconds(3600),
                because: "reviewed it", by: session(name), visibility(name))
        }

        /// An approval by key.
        func signed(_ name: String, _ paths: [String] = []) throws -> Envelope {
            let draft = try draft(name, paths)
            return try People.all[name].key.envelope(draft.payloadType, draft.payload)
        }

        func decision(_ paths: [String] = []) throws -> WorkspaceApplyRequest {
            let diff = try store.changes(of: run)
            let plan = try ApplyPlan(
                diff,
                ApplySelection(reviewing: paths.compactMap { WorkspacePath(escaped: $0) }))
            let flagged = plan.flagged
            return WorkspaceApplyRequest(
                changes: StatedChanges(
                    plan.changes, base: diff.base, `Review of changes`.hashing),
                approved: plan.flags.map(\.rawValue),
                flagged: flagged.isEmpty
                    ? nil
                    : StatedFlagged(
                        count: flagged.count,
                        digest: flagged.digest(`Review of changes`.hashing)), reason: nil)
        }
    }

    private func refusal(
        _ work: () async throws -> Void
    ) async -> WorkspaceApprovalRefusal? {
        await thrown(work)
    }

    @Test
    func `what has no flag is applied without people, and the rest by a signed approval, once`()
        async throws
    {
        let world = try await World()
        try await world.service.decide(try world.decision(["notes.txt"]), of: world.run)
        let plain = try #require(world.bench.ledger.drafts(of: .applyDecision).last)
        #expect(plain.fields["by"] == nil && plain.fields["flg"] == nil)

        let all = try world.decision()
        let early = await refusal { try await world.service.decide(all, of: world.run) }
        #expect(early == .unapproved(have: 0, need: 1))
        let order = try await world.service.take(try world.signed("ines"))
        #expect(order.content.flags == ["executes_later", "new_executable"])
        #expect(order.content.count == 2)
        // Another selection is another digest.
        let other = try world.decision(["Makefile"])
        let narrow = await refusal { try await world.service.decide(other, of: world.run) }
        #expect(narrow == .unapproved(have: 0, need: 1))
        try await world.service.decide(all, of: world.run)
        let decided = try #require(world.bench.ledger.drafts(of: .applyDecision).last)
        #expect(decided.fields["by"] == [.string(People.all["ines"].pseudonym.text)])
        #expect(decided.fields["orders"] == [.string(order.id.text)])
        #expect(decided.fields["flg"] == 2)
        let approved = try #require(world.bench.ledger.drafts(of: .applyApproved).last)
        #expect(approved.fields["sum"] == .string(order.content.entries.base64))
        #expect(approved.payloads.map(\.field) == ["order"])
        for draft in [plain, decided, approved] { try RecordSchema.of(draft.type).check(draft) }
        let again = await refusal { try await world.service.decide(all, of: world.run) }
        #expect(again == .unapproved(have: 0, need: 1))
    }

    @Test func `approvers sign, and neither the owner nor other people`() async throws {
        let world = try await World()
        let stranger = await refusal { _ = try world.draft("kim") }
        #expect(stranger == .noSuchRun)
        // The role `security` reads, and is no approver.
        let reader = await refusal { _ = try world.draft("eve") }
        #expect(reader == .notApprover(.notMember))
        let owned = [("owner: li@acme.example", "owner: ines@acme.example")]
        let own = try await World(owned)
        let owner = await refusal { _ = try own.draft("ines") }
        #expect(owner == .notApprover(.owner))
        // Signed by hand, past the draft.
        let draft = try own.draft("paul")
        var text = String(decoding: draft.payload, as: UTF8.self)
        text = text.replacing(
            People.all["paul"].pseudonym.text, with: People.all["ines"].pseudonym.text)
        let forged = try People.all["ines"].key.envelope(draft.payloadType, Array(text.utf8))
        let taken = await refusal { _ = try await own.service.take(forged) }
        #expect(taken == .notApprover(.owner))
    }

    @Test func `tier high takes two people, and each counts once`() async throws {
        let world = try await World([("tier: medium", "tier: high")])
        let all = try world.decision()
        _ = try await world.service.take(try world.signed("ines"))
        _ = try await world.service.take(try world.signed("ines"))
        let one = await refusal { try await world.service.decide(all, of: world.run) }
        #expect(one == .unapproved(have: 1, need: 2))
        _ = try await world.service.take(try world.signed("paul"))
        try await world.service.decide(all, of: world.run)
        let decided = try #require(world.bench.ledger.drafts(of: .applyDecision).last)
        #expect(decided.fields["by"]?.array?.count == 2)
    }

    @Test func `an approval ends by the clock, with its signer's seat, and with the changes`()
        async throws
    {
        let world = try await World()
        let all = try world.decision()
        let envelope = try world.signed("ines")
        _ = try await world.service.take(envelope)
        let twice = await refusal { _ = try await world.service.take(envelope) }
        #expect(twice == .staleOrder)
        let changes = world.store.state.withLock { $0.changes }
        world.store.state.withLock { $0.changes = Array(changes.dropLast()) }
        let fewer = try world.decision()
        let changed = await refusal { try await world.service.decide(fewer, of: world.run) }
        #expect(changed == .unapproved(have: 0, need: 1))
        world.store.state.withLock { $0.changes = changes }
        try await world.bench.swap([("members: [ines@acme.example, paul", "members: [paul")])
        let left = await refusal { try await world.service.decide(all, of: world.run) }
        #expect(left == .unapproved(have: 0, need: 1))
        try await world.bench.swap([])
        world.bench.clock.advance(.seconds(3601))
        let late = await refusal { try await world.service.decide(all, of: world.run) }
        #expect(late == .unapproved(have: 0, need: 1))
    }

    @Test func `what cannot be recorded or kept counts for nothing`() async throws {
        let world = try await World()
        world.store.state.withLock { $0.isFull = true }
        let unkept = await refusal { _ = try await world.service.take(try world.signed("ines")) }
        #expect(unkept == .notRead("no room"))
        world.store.state.withLock { $0.isFull = false }
        world.bench.ledger.refuse(.applyApproved)
        let unrecorded = await refusal {
            _ = try await world.service.take(try world.signed("ines"))
        }
        #expect(unrecorded == .notRecorded("audit.full"))
        let none = await refusal {
            try await world.service.decide(try world.decision(), of: world.run)
        }
        #expect(none == .unapproved(have: 0, need: 1))
    }

    @Test func `a page is recorded before it is shown, for approvers, the owner and security`()
        async throws
    {
        let world = try await World()
        let makefile = try #require(WorkspacePath(escaped: "Makefile"))
        world.store.state.withLock {
            $0.contents[makefile] = .bytes(old: nil, new: Array("all:\n".utf8))
        }
        let seen = try await world.service.review(
            of: world.run, [], for: world.session("ines"), world.visibility("ines"))
        #expect(seen.count == 3 && seen.flaggedCount == 2 && seen.selected.count == 3)
        #expect(seen.approval?.need == 1 && seen.approval?.exclusion == nil)
        let record = try #require(world.bench.ledger.drafts(of: .runDiff).last)
        #expect(record.fields["by"] == .string(People.all["ines"].pseudonym.text))
        try RecordSchema.of(record.type).check(record)
        guard case .diff(let diff)? = seen.texts[makefile] else {
            Issue.record("the text of a flagged file is shown")
            return
        }
        #expect(diff.added == 1)
        for name in ["li", "eve"] {
            let review = try await world.service.review(
                of: world.run, [makefile], for: world.session(name), world.visibility(name))
            #expect(review.selected.count == 1 && review.approval?.exclusion != nil)
        }
        let hidden = await refusal {
            _ = try await world.service.review(
                of: world.run, [], for: world.session("kim"), world.visibility("kim"))
        }
        #expect(hidden == .noSuchRun)
        world.bench.ledger.refuse(.runDiff)
        let unrecorded = await refusal {
            _ = try await world.service.review(
                of: world.run, [], for: world.session("ines"), world.visibility("ines"))
        }
        #expect(unrecorded == .notRecorded("audit.full"))
    }

    @Test func `flagged changes wait in the inbox of approvers until they are applied or removed`()
        async throws
    {
        let world = try await World()
        func waiting(_ name: String) -> [InboxTask] {
            world.service.tasks(
                for: InboxViewer(
                    person: People.all[name].person, pseudonym: People.all[name].pseudonym,
                    visibility: world.visibility(name)))
        }
        let diff = try world.store.changes(of: world.run)
        try await world.service.record(
            WorkspaceDiffRequest(diff, Self.hashing), of: world.run)
        #expect(waiting("ines").map(\.isMine) == [true])
        #expect(waiting("li").map(\.isMine) == [false] && waiting("kim").isEmpty)
        #expect(waiting("ines").first?.kind == .changes)
        // A restart reads them from the store.
        let other = ChangeReviewService(
            gateway: world.bench.gateway, sandboxes: world.bench.sandboxes, store: world.store,
            people: world.bench.people, verifier: world.bench.verifier, passkeys: nil,
            hashing: Self.hashing)
        try other.restore()
        #expect(other.waiting.withLock { $0.count } == 1)
        try await world.service.record(WorkspaceDiscardRequest(reason: nil), of: world.run)
        #expect(waiting("ines").isEmpty && world.store.state.withLock { $0.pending.isEmpty })
    }

    @Test func `a passkey approves too`() async throws {
        let passkeys = Passkeys("ines")
        let world = try await World(passkeys: passkeys)
        let draft = try world.draft("ines")
        let assertion = try PasskeyAssertion(
            credential: Passkeys.id(of: "ines"), authenticatorData: [8],
            clientDataJSON: draft.challenge, signature: Array("ines".utf8))
        _ = try await world.service.take(
            Envelope(
                payloadType: draft.payloadType, payload: draft.payload,
                signatures: [.passkey(assertion)]))
        let all = try world.decision()
        try await world.service.decide(all, of: world.run)
    }

    @Test func `an approval has one form`() throws {
        let content = WorkspaceApprovalContent(
            run: RunID(milliseconds: 7, random: [UInt8](repeating: 7, count: 10)),
            base: Self.base, entries: Self.base, count: 1, flags: ["xattr", "setid"],
            until: Timestamp(microseconds: 2_000_000_000_000_000))
        #expect(content.flags == ["setid", "xattr"])
        let order = try WorkspaceApproval(
            id: OrderID(milliseconds: 7, random: [UInt8](repeating: 7, count: 10)), org: "acme",
            content: content, reason: "reviewed it", author: People.all["ines"].pseudonym,
            at: Timestamp(microseconds: 2_000_000_000_000_000))
        #expect(try WorkspaceApproval(parsing: order.canonical()) == order)
        for (name, value) in [
            ("flags", ["xattr", "setid"]), ("flags", []), ("flags", ["Not a word"]),
            ("count", 0), ("deed", "apply"), ("until", "soon"), ("entries", "x"),
        ] as [(String, JSONValue)] {
            var object = try #require(order.json.object)
            object[name] = value
            let bytes = try JSONValue.object(object).canonical()
            #expect(throws: FormError.self) { try WorkspaceApproval(parsing: bytes) }
        }
    }
}
