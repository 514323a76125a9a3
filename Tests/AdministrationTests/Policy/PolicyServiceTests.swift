import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockGatewayBench

/// The files of a test, as the policy service reads them.
final class ShelfSource: PolicySource {
    private let found: Mutex<RevisionOnDisk>
    init(_ found: RevisionOnDisk) { self.found = Mutex(found) }
    func put(_ next: RevisionOnDisk) { found.withLock { $0 = next } }
    func read(at now: Timestamp) -> RevisionOnDisk { found.withLock { $0 } }
    func key() -> Digest { found.withLock { $0.key } }
}

/// A gateway whose policy is reloaded from a shelf; `eve` has the role `security`, `ines` and `paul` own the policy.
struct Shelf {
    static let owners = [("org: acme", "org: acme\nowners: [ines@acme.example, paul@acme.example]")]
    let bench: Bench
    let source: ShelfSource
    let store: MemorySignOffStore
    let archive: MemoryArchive
    let service: PolicyService
    let loading: PolicyLoading
    let started: StartedPolicy
    let trust: Mutexed<AuthorizedKeys>
    let failing = Mutexed<[String]>([])
    let comparison = Mutexed<RevisionComparison>(.notComparable)
    /// The reason why what belongs to a revision cannot be made ready; nil if it can.
    let unprepared = Mutexed<String?>(nil)
    /// The digests of the policies with which something took effect, and `follow` after each swap.
    let effects = Mutexed<[String]>([])

    init(
        signedBy names: [String]? = ["ines", "eve"], store: MemorySignOffStore = .init(),
        archive: MemoryArchive = .init(), found start: RevisionOnDisk? = nil,
        passkeys: Passkeys? = nil, enrolled: [String] = People.names
    ) async throws {
        let bench = try Bench(policy: Self.owners, stage: 3, passkeys: passkeys)
        self.bench = bench
        self.store = store
        let found = try start ?? Self.found(signedBy: names)
        source = ShelfSource(found)
        self.archive = archive
        let trust = Mutexed(try People.all.trust(added: bench.clock.now.wall, names: enrolled))
        self.trust = trust
        let hashing = OpenSSLHashing()
        let (failing, comparison) = (failing, comparison)
        let judge = RevisionEvaluator(
            trust: { trust.value }, verifier: bench.verifier,
            passkeys: passkeys?.voting.judge(hashing),
            compare: { _, _ in RevisionDifference(comparison.value) },
            runTests: { _ in
                RevisionEvaluator.TestRun(passed: ["a refund asks"], failing: failing.value)
            })
        let loading = PolicyLoading(
            ledger: bench.ledger, store: store, archive: archive,
            records: bench.gateway.records, people: bench.people)
        let started = try await loading.start(found, judge, at: bench.clock.now.wall)
        self.loading = loading
        self.started = started
        bench.gateway.policy.swap(
            to: started.revision.snapshot, isFounding: started.verdict.status.isFounding)
        let (unprepared, effects) = (unprepared, effects)
        let prepare: RevisionPreparation = { revision throws(RevisionRefusal) in
            if let reason = unprepared.value { throw RevisionRefusal.rules(reason) }
            let digest = revision.snapshot.digest.prefixed
            return { effects.value.append(digest) }
        }
        service = PolicyService(
            gateway: bench.gateway, approvals: bench.approvals, started: started, source: source,
            judge: judge, loading: loading, prepare: prepare,
            follow: { _ in effects.value.append("follow") })
    }

    /// A revision that differs from the first by `changes`, signed by its author and `names`; unsigned if `names` is
    /// nil.
    ///
    /// - Parameter isClaimed: if true, the author is named but has not signed.
    static func found(
        _ changes: [(String, String)] = [], by author: String = "dana",
        signedBy names: [String]?, isClaimed: Bool = false, tests: Int = 0,
        lock: LockUse = .ignored
    ) throws -> RevisionOnDisk {
        let hashing = OpenSSLHashing()
        let document = try BenchPolicy.document(owners + changes)
        let snapshot = try PolicySnapshot(
            compiling: document, lock: lock, with: testEngines, at: FakeClock().now.wall,
            hashing: hashing)
        let identity = RevisionIdentity(
            digest: snapshot.digest, tests: hashing.sha256([UInt8(tests)]), files: [:])
        var signOff = SignOff(identity: identity, author: People.all[author].person)
        for name in isClaimed ? names ?? [] : [author] + (names ?? []).filter({ $0 != author }) {
            let member = People.all[name]
            let envelope = try member.key.envelope(.signOff, try signOff.statement())
            try signOff.add(
                SignOff.Signature(
                    by: member.person, at: Timestamp(microseconds: 1_795_169_731_000_000),
                    made: try #require(envelope.signatures.first)))
        }
        let revision = PolicyRevision(
            document: document, snapshot: snapshot, identity: identity,
            signOff: names == nil ? nil : signOff, lock: snapshot.lock?.digest,
            bare: try #require(document.digest(hashing)), zones: "2026a")
        return RevisionOnDisk(
            key: hashing.sha256(try signOff.bytes()), revision: .success(revision),
            bundle: [1],
            withoutServers: { problem in
                do {
                    return try Self.found(
                        changes, by: author, signedBy: names, isClaimed: isClaimed, tests: tests,
                        lock: .refused(problem))
                } catch {
                    return RevisionOnDisk(
                        key: hashing.sha256([]), revision: .failure(.unreadable("\(error)")),
                        bundle: [])
                }
            })
    }

    var digest: Digest { bench.gateway.policy.snapshot.digest }
}

@Suite struct `Reloading the policy` {
    static let narrower = [("tools: [desk.nuke]}", "tools: [desk.nuke, desk.mail]}")]

    @Test func `a signed revision goes live, its record before it`() async throws {
        let shelf = try await Shelf()
        let old = shelf.digest
        let gate = Gate()
        shelf.bench.ledger.hold(.policyLoaded, at: gate)
        shelf.source.put(try Shelf.found(Self.narrower, signedBy: ["eve", "paul"]))
        async let report = shelf.service.reload(.signal)
        #expect(await until { gate.arrived == 1 })
        #expect(shelf.digest == old, "nothing changes before the record is durable")
        gate.open()
        #expect(await report?.isLoaded == true)
        #expect(shelf.digest != old)
        let loaded = try #require(shelf.bench.ledger.drafts(of: .policyLoaded).last)
        #expect(loaded.fields["pol"]?.string == shelf.digest.base64)
        #expect(loaded.fields["by"]?.array?.count == 2)
    }

    @Test func `a policy is kept before its record, and one that cannot be kept does not go live`()
        async throws
    {
        let shelf = try await Shelf()
        let old = shelf.digest
        #expect(shelf.archive.kept == [old])
        let gate = Gate()
        shelf.bench.ledger.hold(.policyLoaded, at: gate)
        shelf.source.put(try Shelf.found(Self.narrower, signedBy: ["eve", "paul"]))
        async let report = shelf.service.reload(.signal)
        #expect(await until { gate.arrived == 1 })
        #expect(shelf.archive.kept.count == 2)
        gate.open()
        #expect(await report?.isLoaded == true)
        #expect(shelf.archive.kept == [old, shelf.digest])
        shelf.archive.fail()
        shelf.source.put(try Shelf.found(signedBy: ["eve", "paul"]))
        let refused = try #require(await shelf.service.reload(.signal))
        #expect(refused.refusal?.code == "not_recorded")
        #expect(shelf.digest != old)
        #expect(shelf.bench.ledger.drafts(of: .policyLoaded).count == 2)
    }

    @Test func `whatever is wrong with a revision, the old one stays and both are named`()
        async throws
    {
        let shelf = try await Shelf()
        let old = shelf.digest
        let lint = [("owner: dana@acme.example\n    ", "")]
        let finding = Finding(
            .unknownKey, at: PolicyLocation(file: "org.yaml", line: 1, column: 1), "a test")
        let bad: [(String, RevisionOnDisk, [String])] = [
            (
                "findings",
                RevisionOnDisk(key: old, revision: .failure(.findings([finding])), bundle: []),
                []
            ),
            (
                "unreadable",
                RevisionOnDisk(key: old, revision: .failure(.unreadable("disk")), bundle: []),
                []
            ),
            ("new_lints", try Shelf.found(lint, signedBy: ["eve", "paul"]), []),
            ("failing_tests", try Shelf.found(Self.narrower, signedBy: ["eve", "paul"]), ["t"]),
            (
                "other_organisation",
                try Shelf.found([("org: acme", "org: other")], signedBy: ["eve", "paul"]), []
            ),
            ("sign_off", try Shelf.found(Self.narrower, signedBy: nil), []),
            ("sign_off", try Shelf.found(Self.narrower, by: "eve", signedBy: ["eve", "paul"]), []),
            ("sign_off", try Shelf.found(Self.narrower, signedBy: ["eve"]), []),
            (
                "sign_off",
                try Shelf.found(Self.narrower, signedBy: ["eve", "paul"], isClaimed: true), []
            ),
            ("sign_off", try Shelf.found(Self.narrower, signedBy: ["eve", "kim"]), []),
            ("sign_off", try Shelf.found(Self.narrower, signedBy: ["eve", "mallory"]), []),
        ]
        let client = try await Client.open(shelf.bench)
        for (code, found, failing) in bad {
            shelf.source.put(found)
            shelf.failing.value = failing
            let type: RecordType = code == "sign_off" ? .policyProposed : .alarmRaised
            let before = RecordType.allCases.map { shelf.bench.ledger.drafts(of: $0).count }
            async let report = shelf.service.reload(.signal)
            for _ in 0..<20 { check(await client.call("look"), .text("done")) }
            let refusal = try #require(await report?.refusal)
            #expect(refusal.code == code, "\(refusal)")
            #expect(shelf.digest == old)
            let draft = try #require(shelf.bench.ledger.drafts(of: type).last)
            for (other, count) in zip(RecordType.allCases, before)
            where [.alarmRaised, .policyProposed].contains(other) {
                let now = shelf.bench.ledger.drafts(of: other).count
                #expect(now == count + (other == type ? 1 : 0), "\(other)")
            }
            #expect(draft.fields["code"] == (type == .alarmRaised ? "policy.reload_refused" : nil))
            #expect(draft.fields["pol"]?.string == old.base64)
            #expect(draft.payloads.map(\.field) == ["detail"])
        }
        for draft in shelf.bench.ledger.drafts(of: .callIntent) {
            #expect(draft.fields["pol"]?.string == old.base64)
        }
        #expect(shelf.service.last?.isLoaded == false)
    }

    @Test(arguments: [false, true])
    func `a record that fails prevents the swap`(kept: Bool) async throws {
        let shelf = try await Shelf()
        let old = shelf.digest
        shelf.source.put(try Shelf.found(Self.narrower, signedBy: ["eve", "paul"]))
        shelf.bench.ledger.refuse(.policyLoaded, kept: kept)
        #expect(await shelf.service.reload(.signal)?.refusal?.code == "not_recorded")
        #expect(shelf.digest == old)
        shelf.bench.ledger.accept()
        shelf.store.fail()
        #expect(await shelf.service.reload(.signal)?.refusal?.code == "not_recorded")
        #expect(shelf.digest == old)
        shelf.store.mend()
        #expect(await shelf.service.reload(.signal)?.isLoaded == true)
    }

    @Test(.requirement("R035"))
    func `one signature is enough for what only narrows, the author's never counts`()
        async throws
    {
        let shelf = try await Shelf()
        shelf.comparison.value = .narrows
        shelf.source.put(try Shelf.found(Self.narrower, by: "eve", signedBy: ["eve"]))
        #expect(await shelf.service.reload(.signal)?.refusal?.code == "sign_off")
        shelf.source.put(try Shelf.found(Self.narrower, by: "paul", signedBy: ["paul", "ines"]))
        #expect(await shelf.service.reload(.signal)?.isLoaded == true)
        shelf.comparison.value = .widens
        shelf.source.put(try Shelf.found(signedBy: ["ines"]))
        #expect(await shelf.service.reload(.signal)?.refusal?.code == "sign_off")
    }

    @Test func `a revision cannot name its own judges`() async throws {
        let shelf = try await Shelf()
        let coup = [("owners: [ines@acme.example", "owners: [kim@acme.example, joe@acme.example")]
        let document = try Shelf.found(coup, signedBy: ["kim", "joe"])
        shelf.source.put(document)
        #expect(await shelf.service.reload(.signal)?.refusal?.code == "sign_off")
    }

    @Test func `a founding node loads unsigned revisions, and holds its agents down`() async throws
    {
        let shelf = try await Shelf(signedBy: nil)
        let clerk = try #require(AgentName("clerk"))
        func stage() -> TrustStage {
            shelf.bench.gateway.stage(of: clerk, in: shelf.bench.gateway.policy.snapshot)
        }
        #expect(shelf.service.status == .founding)
        #expect(stage() == .supervised)
        shelf.source.put(try Shelf.found(Self.narrower, signedBy: ["eve"]))
        #expect(await shelf.service.reload(.signal)?.isLoaded == true)
        #expect(shelf.service.status == .founding, "one signature founds nothing")
        shelf.source.put(try Shelf.found(Self.narrower, signedBy: ["eve", "ines"]))
        #expect(await shelf.service.reload(.signal)?.isLoaded == true)
        #expect(!shelf.service.status.isFounding)
        #expect(await shelf.service.reload(.signal)?.isLoaded == true)
        #expect(
            shelf.service.status == .signed(["eve", "ines"].map { People.all[$0].person }),
            "once more is no other standing")
        #expect(stage() == .trusted)
        shelf.source.put(try Shelf.found(signedBy: nil))
        #expect(await shelf.service.reload(.signal)?.refusal?.code == "sign_off")
        // The next process remembers the sign-off.
        await #expect(throws: RevisionRefusal.self) {
            _ = try await Shelf(signedBy: nil, store: shelf.store)
        }
    }

    @Test func `what was signed off starts again without a new judgement`() async throws {
        let store = MemorySignOffStore()
        _ = try await Shelf(store: store)
        // The revision is the same, although the signatures are gone.
        let again = try await Shelf(signedBy: nil, store: store)
        #expect(!again.service.status.isFounding)
    }

    @Test func `a change on disk that changes nothing is no reload`() async throws {
        let shelf = try await Shelf()
        let loads = shelf.bench.ledger.drafts(of: .policyLoaded).count
        #expect(await shelf.service.reload(.folder) == nil)
        #expect(shelf.bench.ledger.drafts(of: .policyLoaded).count == loads)
        shelf.source.put(try Shelf.found(Self.narrower, signedBy: nil))
        #expect(await shelf.service.reload(.folder)?.isLoaded == false)
        #expect(await shelf.service.reload(.folder) == nil, "one bad revision is one alarm")
        #expect(await shelf.service.reload(.signal)?.isLoaded == false)
    }
}
