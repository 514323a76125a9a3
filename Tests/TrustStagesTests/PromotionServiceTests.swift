import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockPromotions
@testable import InterlockTrust
@testable import InterlockTrustStages

/// Proposals of promotions and the signatures under them (docs/specs/trust-and-review.md, section 5).
@Suite(.requirement("R123", "R124", "R125", "R126")) struct PromotionServiceTests {
    @Test func `two people promote an agent, and the record names the evidence`() async throws {
        let made = try await PromotionBench()
        let evidence = try await made.propose(.assisted)
        let bytes = try #require(made.files.contents.value[evidence.hex + ".json"])
        let snapshot = try TrustSnapshot(parsing: bytes)
        #expect(snapshot.lines.map(\.criterion) == TrustCriterion.allCases)
        #expect(snapshot.lines.allSatisfy { $0.isMet })
        let first = try await made.service.sign(
            evidence,
            made.document(of: evidence, deciders: ["ines", "paul"], signedBy: ["ines"]),
            by: made.staged.by)
        #expect(first["promoted"] == false)
        #expect(first["waits_for"] == [.string(People.all["paul"].person.address)])
        #expect(made.staged.stage == 0 && made.promotions.isEmpty)
        let second = try await made.service.sign(
            evidence,
            made.document(of: evidence, deciders: ["ines", "paul"], signedBy: ["paul"]),
            by: made.staged.by)
        #expect(second["promoted"] == true)
        #expect(made.staged.stage == 1)
        let record = try #require(made.promotions.first)
        #expect(record.fields["h"]?.string == evidence.base64)
        #expect(record.fields["signers"]?.array?.count == 2)
        // The proposal is used up.
        let again = try made.document(
            of: evidence, deciders: ["ines", "paul"], signedBy: ["ines"])
        #expect(await made.kind(evidence, again) == .otherState)
        let open = try await made.service.proposals()
        #expect(open["proposals"] == [])
    }

    @Test func `nothing is stored while something is missing, and all of it is named`()
        async throws
    {
        let made = try await PromotionBench()
        made.log.facts.value.evalPasses = false
        made.log.facts.value.isReviewCurrent = nil
        made.results.value = [
            ReadinessResult(.scopes, .missing, "no scope"), ReadinessResult(.log, .ok, "there"),
        ]
        let missing = try await made.missing(.assisted)
        #expect(missing.count == 3, "\(missing)")
        #expect(missing.contains { $0.hasPrefix("eval:") })
        #expect(missing.contains { $0.hasPrefix("review: unknown") })
        #expect(missing.contains { $0.hasPrefix("ready: scopes missing") })
        #expect(made.files.contents.value.isEmpty)
    }

    @Test func `what is not known refuses`() async throws {
        let silent = try await PromotionBench(answers: false)
        #expect(try await silent.missing(.assisted).contains { $0.hasPrefix("ready: unknown") })
        let made = try await PromotionBench()
        made.results.value = []
        #expect(try await made.missing(.assisted).contains { $0.hasPrefix("ready: unknown") })
        made.results.value = [ReadinessResult(.log, .unknown, "late")]
        #expect(try await made.missing(.assisted).contains { $0.hasPrefix("ready: log unknown") })
        made.results.value = [ReadinessResult(.log, .ok, "there")]
        made.log.isReadable.value = false
        #expect(try await made.missing(.assisted).contains { $0.hasPrefix("log:") })
        made.log.isReadable.value = true
        made.staged.criteria.value = nil
        #expect(try await made.missing(.assisted).contains { $0.hasPrefix("criteria:") })
        made.staged.criteria.value = StageBench.criteria
        made.isPassing.value = false
        let answer = try await made.service.propose(PromotionBench.clerk, to: .assisted)
        #expect(answer["proposal"] == nil, "no fingerprint is known")
        #expect(made.log.asked.value.last?.evalPasses == false)
        #expect(made.files.contents.value.isEmpty)
    }

    @Test func `cool-down, policy and owner hold an agent back`() async throws {
        let made = try await PromotionBench()
        made.staged.registry.demote(PromotionBench.clerk, by: .kill)
        #expect(try await made.missing(.assisted).contains { $0.hasPrefix("cool-down:") })

        let limited = try await PromotionBench([
            ("tier: medium\n    stage: trusted", "tier: medium\n    stage: supervised")
        ])
        try await limited.rise(to: .assisted)
        #expect(try await limited.missing(.bounded).contains { $0.hasPrefix("policy: permits") })

        let held = try await PromotionBench()
        let ceiling = StageDelegation(
            org: "acme", agent: PromotionBench.clerk, most: .gated,
            owner: People.all["li"].person, date: held.staged.bench.clock.now.wall)
        try await held.staged.service.delegate(
            People.all["li"].key.envelope(.stageDelegation, ceiling.canonical()).json,
            by: held.staged.by)
        #expect(try await held.missing(.assisted).contains { $0.hasPrefix("owner: permits") })
    }

    @Test func `no stage is skipped, and no agent is made up`() async throws {
        let made = try await PromotionBench()
        func kind(_ agent: String, _ stage: AutonomyStage) async throws -> ProblemKind? {
            let name = try #require(AgentName(agent))
            do throws(Problem) {
                _ = try await made.service.propose(name, to: stage)
                return nil
            } catch { return error.kind }
        }
        #expect(try await kind("clerk", .bounded) == .otherState)
        #expect(try await kind("clerk", .gated) == .otherState)
        #expect(try await kind("ghost", .assisted) == .noSuchAgent)
    }

    @Test func `evidence that no longer holds is refused with what changed, and nothing is stored`()
        async throws
    {
        let made = try await PromotionBench()
        let evidence = try await made.propose(.assisted)
        let body = try made.document(
            of: evidence, deciders: ["ines", "paul"], signedBy: ["ines", "paul"])
        made.log.facts.value.isDrillCurrent = false
        do throws(Problem) {
            _ = try await made.service.sign(evidence, body, by: made.staged.by)
            Issue.record("a missed drill was signed over")
        } catch {
            #expect(error.kind == .otherState)
            #expect(error.detail.contains("drill: 0; current: missed, was 1"), "\(error.detail)")
        }
        #expect(!made.hasDocument && made.promotions.isEmpty && made.staged.stage == 0)
        made.log.facts.value.isDrillCurrent = true
        made.results.value = [ReadinessResult(.status, .missing, "it is halted")]
        #expect(await made.kind(evidence, body) == .otherState)
        #expect(!made.hasDocument)
        made.results.value = [ReadinessResult(.log, .ok, "there")]
        #expect(await made.kind(evidence, body) == nil)
        #expect(made.staged.stage == 1)
    }

    @Test func `the owner alone is refused from stage 2 on, before anything is stored`()
        async throws
    {
        let made = try await PromotionBench()
        try await made.rise(to: .assisted)
        let evidence = try await made.propose(.bounded)
        let files = made.files.contents.value.count
        let alone = try made.document(of: evidence, deciders: ["li"], signedBy: ["li"])
        #expect(await made.kind(evidence, alone) == .notEligible)
        #expect(made.files.contents.value.count == files && made.staged.stage == 1)
        let one = try made.document(of: evidence, deciders: ["ines"], signedBy: ["ines"])
        #expect(await made.kind(evidence, one) == nil)
        #expect(made.staged.stage == 2)
    }

    @Test func `signatures of others, of another document and of another proposal are refused`()
        async throws
    {
        let made = try await PromotionBench()
        let evidence = try await made.propose(.assisted)
        let stranger = try made.document(
            of: evidence, deciders: ["ines", "paul"], signedBy: ["li"])
        #expect(await made.kind(evidence, stranger) == .badSignature)
        let other = try made.document(
            of: evidence, deciders: ["ines"], signedBy: ["ines"], owner: "dana")
        #expect(await made.kind(evidence, other) == .otherState, "another owner")
        #expect(!made.hasDocument)
        let first = try made.document(
            of: evidence, deciders: ["ines", "paul"], signedBy: ["ines"])
        #expect(await made.kind(evidence, first) == nil)
        let changed = try made.document(
            of: evidence, deciders: ["ines", "paul"], signedBy: ["paul"],
            rationale: "Another text, which the first one of the two has never read")
        #expect(await made.kind(evidence, changed) == .otherState)
        made.staged.bench.clock.advance(StageBench.day)
        let later = try await made.propose(.assisted)
        #expect(later != evidence)
        #expect(await made.kind(later, first) == .otherState, "of another proposal")
        #expect(await made.kind(StageBench.criteriaDigest, first) == .noSuchOrder)
    }

    @Test func `a proposal ends after seven days, and one that was edited is not read`()
        async throws
    {
        let made = try await PromotionBench()
        let evidence = try await made.propose(.assisted)
        let body = try made.document(
            of: evidence, deciders: ["ines", "paul"], signedBy: ["ines", "paul"])
        var files = made.files.contents.value
        files[evidence.hex + ".json"]?[20] ^= 1
        let kept = made.files.contents.value
        made.files.contents.value = files
        #expect(await made.kind(evidence, body) == .notRead)
        made.files.contents.value = kept
        made.staged.bench.clock.advance(.seconds(7 * 86_400))
        #expect(await made.kind(evidence, body) == .otherState)
        #expect(made.promotions.isEmpty)
        let open = try await made.service.proposals()
        #expect(open["proposals"] == [])
    }

    /// The process dies, or a part takes nothing, between the document, its record and the stage.
    @Test func `after each step that fails, a decider signs again and the agent rises once`()
        async throws
    {
        let made = try await PromotionBench()
        let evidence = try await made.propose(.assisted)
        let body = try made.document(
            of: evidence, deciders: ["ines", "paul"], signedBy: ["ines", "paul"])
        let one = try made.document(
            of: evidence, deciders: ["ines", "paul"], signedBy: ["ines"])
        made.files.fails.value = true
        #expect(await made.kind(evidence, body) == .notRecorded)
        #expect(made.promotions.isEmpty && made.staged.stage == 0)
        made.files.fails.value = false
        made.staged.bench.ledger.refuse(.trustPromoted)
        #expect(await made.kind(evidence, body) == .notRecorded)
        #expect(made.hasDocument && made.staged.stage == 0)
        made.staged.bench.ledger.accept()
        made.staged.log.fail()
        #expect(await made.kind(evidence, one) == .notRecorded)
        #expect(made.staged.stage == 0)
        made.staged.log.mend()
        #expect(await made.kind(evidence, one) == nil)
        #expect(made.staged.stage == 1)
        #expect(made.promotions.count { $0.fields["code"] == nil } == 2)
        #expect(made.promotions.count { $0.fields["code"] == "promotion.unkept" } == 1)
    }

    /// The file of the first one is still there, with all signatures.
    @Test func `a proposal that was taken is not listed again after the next promotion`()
        async throws
    {
        let made = try await PromotionBench()
        try await made.rise(to: .assisted)
        try await made.rise(to: .bounded)
        let none = try await made.service.proposals()
        #expect(none["proposals"] == [])
        try await made.service.load()
        #expect(made.service.waiting()?.isEmpty == true)
        let next = try await made.propose(.full)
        let open = try await made.service.proposals()
        let listed = (open["proposals"]?.array ?? []).compactMap { $0["proposal"]?.string }
        #expect(listed == [next.prefixed])
        #expect(made.service.waiting()?.map(\.evidence) == [next])
    }

    @Test func `a stage is attested again by the owner and another person`() async throws {
        let made = try await PromotionBench()
        try await made.rise(to: .assisted)
        try await made.rise(to: .bounded)
        let evidence = try await made.propose(.bounded)
        let others = try made.document(
            of: evidence, deciders: ["ines", "paul"], signedBy: ["ines", "paul"])
        #expect(await made.kind(evidence, others) == .notEligible)
        let both = try made.document(
            of: evidence, deciders: ["li", "ines"], signedBy: ["li", "ines"])
        #expect(await made.kind(evidence, both) == nil)
        #expect(made.staged.stage == 2 && made.promotions.count == 3)
    }

    @Test(.requirement("R128"))
    func `the owner confirms to own an agent, and no other person does`() async throws {
        let made = try await PromotionBench()
        func confirm(_ name: String, signedBy signer: String) async throws -> ProblemKind? {
            let statement = OwnershipConfirmation(
                org: "acme", agent: PromotionBench.clerk, owner: People.all[name].person,
                date: made.staged.bench.clock.now.wall)
            let body = try People.all[signer].key.envelope(.ownership, statement.canonical()).json
            do throws(Problem) {
                _ = try await made.staged.service.confirm(body, by: made.staged.by)
                return nil
            } catch { return error.kind }
        }
        #expect(try await confirm("ines", signedBy: "ines") == .badSignature)
        #expect(try await confirm("li", signedBy: "ines") == .badSignature)
        #expect(made.staged.bench.ledger.drafts(of: .ownerConfirmed).isEmpty)
        #expect(try await confirm("li", signedBy: "li") == nil)
        let record = try #require(made.staged.bench.ledger.drafts(of: .ownerConfirmed).first)
        #expect(record.fields["agent"] == "clerk")
        #expect(record.fields["signers"] == [.string(People.all["li"].pseudonym.text)])
    }
}

extension StageBench {
    /// A digest that is of no proposal.
    static let criteriaDigest = Digest(words: (1, 2, 3, 4))
}
