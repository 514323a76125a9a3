import InterlockCredentials
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockPromotions
@testable import InterlockTrust
@testable import InterlockTrustStages

/// Promotions that people sign by passkey, and their lists.
@Suite(.requirement("R126")) struct PromotionPasskeyTests {
    private static let why = "Four weeks of routing without any rejection at all"

    private func person(_ name: String) -> Person { People.all[name].person }

    private func terms(_ others: String..., rationale: String = why) -> PromotionTerms {
        PromotionTerms(rationale: rationale, others: others.map(person), lasts: nil)
    }

    /// Lets a person sign what the page drafts.
    private func sign(
        _ made: PromotionBench, _ evidence: Digest, by name: String, counter: UInt8 = 8,
        _ terms: PromotionTerms? = nil
    ) async throws(Problem) -> JSONValue {
        let draft = try await made.service.draft(evidence, terms, by: person(name))
        guard let envelope = try? Passkeys.signed(draft, by: name, counter: counter) else {
            throw Problem(.malformed, "the device of a test signed nothing")
        }
        return try await made.service.sign(evidence, envelope.json, by: made.staged.by)
    }

    private func kind(
        _ made: PromotionBench, _ evidence: Digest, by name: String, counter: UInt8 = 8,
        _ terms: PromotionTerms? = nil
    ) async -> ProblemKind? {
        do throws(Problem) {
            _ = try await sign(made, evidence, by: name, counter: counter, terms)
            return nil
        } catch { return error.kind }
    }

    @Test func `two people promote an agent by passkey, also after a restart`() async throws {
        let passkeys = Passkeys("ines", "paul")
        let made = try await PromotionBench(passkeys: passkeys)
        try await made.service.load()
        let evidence = try await made.propose(.assisted)
        let first = try await sign(made, evidence, by: "ines", terms("paul"))
        #expect(first["promoted"] == false && made.staged.stage == 0)
        #expect(passkeys.counter(of: "ines") == 8)
        let second = try await sign(made, evidence, by: "paul")
        #expect(second["promoted"] == true && made.staged.stage == 1)
        let record = try #require(made.promotions.first)
        #expect(record.fields["signers"]?.array?.count == 2)
        // The public keys of the passkeys are with their signatures, so that an auditor can verify them.
        let proof = try JSONValue(
            parsing: try #require(record.plaintext("proof")), limits: JSONLimits(bytes: 1 << 20))
        let keys = (proof["signatures"]?.array ?? []).compactMap { $0["key"]?.string }
        let expected = ["ines", "paul"].map { Base64.encode(Array($0.utf8)) }
        #expect(keys.sorted() == expected.sorted())
        let again = try await StageBench(
            log: made.staged.log, clock: made.staged.bench.clock, passkeys: passkeys)
        #expect(again.stage == 1 && again.registry.ignored.isEmpty)
        // A gateway that cannot judge passkeys believes none.
        let blind = try await StageBench(log: made.staged.log, clock: made.staged.bench.clock)
        #expect(blind.stage == 0 && blind.registry.ignored.count == 1)
    }

    @Test func `a passkey that was revoked counts for nothing any more`() async throws {
        let passkeys = Passkeys("ines", "paul")
        let made = try await PromotionBench(passkeys: passkeys)
        try await made.service.load()
        let evidence = try await made.propose(.assisted)
        _ = try await sign(made, evidence, by: "ines", terms())
        #expect(made.staged.stage == 1)
        let trust = try #require(made.staged.keys.value)
        made.staged.keys.value = try AuthorizedKeys(
            org: trust.org, people: trust.people, nodes: trust.nodes)
        await made.staged.service.sweep()
        #expect(made.staged.stage == 0)
    }

    @Test func `a passkey whose counter went back is suspended, and nothing is stored`()
        async throws
    {
        let passkeys = Passkeys("ines", "paul")
        let made = try await PromotionBench(passkeys: passkeys)
        try await made.service.load()
        let evidence = try await made.propose(.assisted)
        #expect(await kind(made, evidence, by: "ines", counter: 7, terms("paul")) == .badAssertion)
        #expect(passkeys.suspended == [Passkeys.id(of: "ines")])
        #expect(!made.hasDocument && made.promotions.isEmpty)
        passkeys.fail()
        #expect(await kind(made, evidence, by: "paul", terms("ines")) == .notRecorded)
        #expect(!made.hasDocument)
    }

    @Test func `evidence that no longer holds refuses before the counter is stored`() async throws {
        let passkeys = Passkeys("ines", "paul")
        let made = try await PromotionBench(passkeys: passkeys)
        try await made.service.load()
        let evidence = try await made.propose(.assisted)
        made.results.value = [ReadinessResult(.log, .unknown, "late")]
        #expect(await kind(made, evidence, by: "ines", terms("paul")) == .otherState)
        #expect(passkeys.counter(of: "ines") == 7 && !made.hasDocument)
    }

    @Test func `a second signature of a person is not added, whatever it is made with`()
        async throws
    {
        let passkeys = Passkeys("ines", "paul")
        let made = try await PromotionBench(passkeys: passkeys)
        try await made.service.load()
        let evidence = try await made.propose(.assisted)
        _ = try await sign(made, evidence, by: "ines", terms("paul"))
        let view = try await made.service.view(evidence)
        let payload = try #require(view.promotion).canonical()
        let byKey = try People.all["ines"].key.envelope(.promotion, payload)
        _ = try await made.service.sign(evidence, byKey.json, by: made.staged.by)
        #expect(try await made.service.view(evidence).signed == [person("ines")])
        #expect(await kind(made, evidence, by: "ines") == .signedAlready)
        let other = try People.all["paul"].key.envelope(.promotion, payload)
        _ = try await made.service.sign(evidence, other.json, by: made.staged.by)
        #expect(made.staged.stage == 1)
    }

    @Test func `a draft is refused to who is not named, without a reason, and of what is over`()
        async throws
    {
        let passkeys = Passkeys("ines", "paul", "li")
        let made = try await PromotionBench(passkeys: passkeys)
        try await made.service.load()
        let evidence = try await made.propose(.assisted)
        #expect(await kind(made, evidence, by: "ines") == .malformed)
        #expect(await kind(made, evidence, by: "ines", terms(rationale: "short")) == .malformed)
        #expect(await kind(made, StageBench.criteriaDigest, by: "ines", terms()) == .noSuchOrder)
        _ = try await sign(made, evidence, by: "ines", terms("paul"))
        #expect(await kind(made, evidence, by: "li") == .notEligible)
        made.staged.bench.clock.advance(.seconds(7 * 86_400))
        #expect(await kind(made, evidence, by: "paul") == .otherState)
        #expect(made.service.waiting()?.isEmpty == true)
    }

    @Test func `proposals are listed once they were read, for those who may see them`() async throws
    {
        let passkeys = Passkeys("ines", "paul")
        let made = try await PromotionBench(passkeys: passkeys)
        let evidence = try await made.propose(.assisted)
        #expect(made.service.waiting() == nil)
        try await made.service.load()
        let view = try #require(made.service.waiting()?.first)
        #expect(view.evidence == evidence && view.isOpen && view.promotion == nil)
        #expect(view.records.count == view.snapshot.lines.count)
        #expect(view.snapshot.lines.allSatisfy { $0.leaves.isEmpty })
        func tasks(_ name: String, own: Set<AgentName> = []) -> [InboxTask] {
            made.service.tasks(
                for: InboxViewer(
                    person: person(name), pseudonym: People.all[name].pseudonym,
                    visibility: Visibility(person: person(name), roles: [], own: own)))
        }
        // The owner begins; who sees nothing and is not asked sees no task.
        #expect(tasks("li", own: [PromotionBench.clerk]).first?.isMine == true)
        #expect(tasks("paul").isEmpty)
        _ = try await sign(made, evidence, by: "ines", terms("paul"))
        #expect(tasks("paul").first?.isMine == true)
        let sent = try #require(tasks("ines").first)
        #expect(sent.isSent && !sent.isMine && sent.deciders == [person("paul")])
        #expect(sent.signed == 1 && sent.need == 2 && sent.reason == Self.why)
        #expect(tasks("li", own: [PromotionBench.clerk]).first?.isMine == false)
        _ = try await sign(made, evidence, by: "paul")
        #expect(tasks("paul").isEmpty && made.service.waiting()?.isEmpty == true)
        #expect(try await made.service.view(evidence).isOpen == false)
    }

    private func kept(_ made: PromotionBench) -> Set<Digest>? {
        made.service.known.withLock { known in known.map { Set($0.keys) } }
    }

    @Test func `proposals past their validity are not kept in memory`() async throws {
        let made = try await PromotionBench()
        try await made.service.load()
        let first = try await made.propose(.assisted)
        made.staged.bench.clock.advance(StageBench.day)
        let second = try await made.propose(.assisted)
        #expect(kept(made) == [first, second])
        made.staged.bench.clock.advance(StageBench.day * 6)
        #expect(made.service.waiting()?.map(\.evidence) == [second])
        #expect(kept(made) == [second])
        made.staged.bench.clock.advance(StageBench.day)
        #expect(made.service.waiting()?.isEmpty == true)
        #expect(kept(made) == [])
    }

    @Test func `a proposal by which the agent was promoted is not kept in memory`() async throws {
        let made = try await PromotionBench()
        try await made.service.load()
        let evidence = try await made.propose(.assisted)
        let both = try made.document(
            of: evidence, deciders: ["ines", "paul"], signedBy: ["ines", "paul"])
        #expect(await made.kind(evidence, both) == nil)
        #expect(kept(made) == [])
        // A restart leaves it out too, and its page is still there.
        try await made.service.load()
        #expect(kept(made) == [])
        #expect(try await made.service.view(evidence).isOpen == false)
    }

    @Test func `a mistaken demotion is undone by two people, without its cool-down and its reset`()
        async throws
    {
        let made = try await PromotionBench()
        await #expect(throws: Problem.self) {
            _ = try await made.service.propose(PromotionBench.clerk, to: .assisted, undoes: true)
        }
        try await made.rise(to: .assisted)
        let promoted = try #require(
            made.staged.registry.history(of: PromotionBench.clerk).promotion)
        made.staged.registry.demote(PromotionBench.clerk, by: .kill)
        made.staged.bench.clock.advance(StageBench.day)
        #expect(made.staged.stage == 0)
        #expect(try await made.missing(.assisted).contains { $0.hasPrefix("cool-down:") })
        #expect(made.log.undone.value.last == .some(nil))
        let evidence = try await made.propose(.assisted, undoes: true)
        #expect(made.log.undone.value.last == .some(promoted.date))
        #expect(
            await made.kind(
                evidence,
                try made.document(of: evidence, deciders: ["ines"], signedBy: ["ines"]))
                == .notEligible)
        let both = try made.document(
            of: evidence, deciders: ["ines", "paul"], signedBy: ["ines", "paul"])
        #expect(await made.kind(evidence, both) == nil)
        #expect(made.staged.stage == 1)
        #expect(made.staged.registry.status(of: PromotionBench.clerk).cooldownEnd == nil)
    }
}
