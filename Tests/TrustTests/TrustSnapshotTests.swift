import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockTrust

/// The evidence of a promotion, as a file, and what makes it useless.
@Suite(.requirement("R124", "R126")) struct TrustSnapshotTests {
    private static let leaf = TrustFixture.digest(5)

    private func snapshot(
        drill: Bool = true, fingerprint: UInt64 = 3, to: AutonomyStage = .assisted,
        runs: Int = 60, undoes: Bool = false
    ) -> TrustSnapshot {
        TrustSnapshot(
            org: "acme", agent: TrustFixture.agent, from: .gated, to: to,
            date: TrustFixture.now,
            checkpoint: Checkpoint(
                origin: "acme.example/gw1/1", size: 12, root: TrustFixture.digest(9)),
            criteria: TrustFixture.digest(1), policy: TrustFixture.digest(2),
            fingerprint: TrustFixture.digest(fingerprint), evalResult: TrustFixture.digest(4),
            undoes: undoes,
            lines: [
                TrustSnapshot.Line(
                    criterion: .cleanRuns, value: "\(runs)", threshold: "at least 50",
                    isMet: true, leaves: [Self.leaf]),
                TrustSnapshot.Line(
                    criterion: .days, value: "6", threshold: "at least 5", isMet: true,
                    leaves: [Self.leaf]),
                TrustSnapshot.Line(
                    criterion: .drill, value: drill ? "1" : "0", threshold: "current",
                    isMet: drill, leaves: []),
            ])
    }

    private static func hex(_ number: UInt64) -> String { TrustFixture.digest(number).prefixed }

    @Test func `the bytes are known, and the records of two lines are listed once`() throws {
        let text =
            #"{"agent":"refunds","criteria":""# + Self.hex(1)
            + #"","date":"2026-11-29T12:00:00Z","eval":""# + Self.hex(4)
            + #"","fingerprint":""# + Self.hex(3)
            + #"","from":0,"lines":[{"criterion":"clean_runs","leaves":[""# + Self.leaf.base64
            + #""],"met":true,"threshold":"at least 50","value":"60"},"#
            + #"{"criterion":"days","leaves":"clean_runs","met":true,"threshold":"at least 5","value":"6"},"#
            + #"{"criterion":"drill","leaves":[],"met":true,"threshold":"current","value":"1"}],"#
            + #""log":{"origin":"acme.example/gw1/1","root":""# + Self.hex(9)
            + #"","size":12},"org":"acme","policy":""# + Self.hex(2)
            + #"","to":1,"type":"promotion-evidence","v":1}"#
        let bytes = try snapshot().canonical()
        #expect(String(decoding: bytes, as: UTF8.self) == text)
        #expect(try TrustSnapshot(parsing: bytes) == snapshot())
    }

    @Test func `another spelling, an unknown member and a line twice are refused`() throws {
        let text = String(decoding: try snapshot().canonical(), as: UTF8.self)
        let edits = [
            (#""leaves":"clean_runs""#, #""leaves":[""# + Self.leaf.base64 + #""]"#),
            (#""leaves":"clean_runs""#, #""leaves":"drill""#), (#""v":1"#, #""v":2"#),
            (#""criterion":"days""#, #""criterion":"clean_runs""#),
            (#""criterion":"days""#, #""criterion":"luck""#),
            (#""from":0"#, #""from":4"#), (#""type":"promotion-evidence""#, #""type":"x""#),
            (#""size":12"#, #""size":-1"#), (#""size":12"#, #""size":12,"tail":1"#),
        ]
        for (old, new) in edits {
            let edited = text.replacing(old, with: new)
            #expect(edited != text)
            #expect(throws: (any Error).self, "\(new)") {
                try TrustSnapshot(parsing: Array(edited.utf8))
            }
        }
    }

    @Test func `evidence for undoing a demotion says so, and no other has the member`() throws {
        let bytes = try snapshot(undoes: true).canonical()
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(#","undoes":true,"v":1}"#))
        #expect(try TrustSnapshot(parsing: bytes).undoes)
        #expect(try TrustSnapshot(parsing: snapshot().canonical()).undoes == false)
        let spelled = text.replacing(#""undoes":true"#, with: #""undoes":false"#)
        #expect(throws: (any Error).self) { try TrustSnapshot(parsing: Array(spelled.utf8)) }
        let light = snapshot(undoes: true).withoutRecords
        #expect(light.undoes && light.lines.allSatisfy { $0.leaves.isEmpty })
        #expect(light.lines.map(\.text) == snapshot().lines.map(\.text))
    }

    @Test func `values may move within their thresholds, and nothing else may change`() {
        let old = snapshot()
        #expect(snapshot(runs: 70).changes(since: old) == [])
        #expect(snapshot(drill: false).changes(since: old).count == 1)
        #expect(
            snapshot(drill: false).changes(since: old).first
                == "drill: 0; current: missed, was 1")
        #expect(snapshot(fingerprint: 8).changes(since: old).count == 1)
        #expect(snapshot(to: .bounded).changes(since: old).count == 1)
    }

    @Test func `a proposal is open for seven days, and not before its date`() throws {
        let proposal = PromotionProposal(evidence: TrustFixture.digest(7), snapshot: snapshot())
        let now = TrustFixture.now
        #expect(proposal.isOpen(at: now))
        #expect(proposal.isOpen(at: now + .seconds(7 * 86_400 - 1)))
        #expect(!proposal.isOpen(at: now + .seconds(7 * 86_400)))
        #expect(!proposal.isOpen(at: now - .seconds(1)), "a clock that was set back")
    }

    @Test func `a confirmation counts for the owner whom the policy names`() throws {
        var log = try TrustFixture.Log()
        let leaf = try log.add(
            "owner.confirmed",
            ["agent": "refunds", "signers": ["dana"], "by": "op", "proof": "-"])
        let confirmation = try #require(log.runs.agents[TrustFixture.agent]?.confirmation)
        #expect(confirmation.leaf == leaf && confirmation.owner == "dana")
        var facts = TrustFacts(incidents: [])
        facts.take(AgentFacts(), confirmation, at: confirmation.time)
        #expect(facts.ownerConfirmed == nil, "the owner is not known")
        facts.take(
            AgentFacts(owner: Pseudonym(text: "omar")), confirmation, at: confirmation.time)
        #expect(facts.ownerConfirmed == nil, "another owner")
        facts.take(
            AgentFacts(owner: Pseudonym(text: "dana")), confirmation, at: confirmation.time)
        #expect(facts.ownerConfirmed == confirmation.time)
        #expect(facts.leaves[.ownerConfirmed] == [leaf])
    }

    @Test func `facts that the log does not have are taken as they are known`() {
        var facts = TrustFacts(incidents: [])
        let now = TrustFixture.now
        let signed = ReviewStatus.SignedAt(time: now, leaf: Self.leaf)
        facts.take(
            AgentFacts(
                evalPasses: true, review: ReviewStatus(due: now + .seconds(1), signed: signed)),
            nil, at: now)
        #expect(facts.evalPasses == true && facts.isReviewCurrent == true)
        #expect(facts.leaves[.review] == [Self.leaf])
        facts.take(
            AgentFacts(evalPasses: false, review: ReviewStatus(due: now, signed: nil)), nil,
            at: now)
        #expect(facts.evalPasses == false && facts.isReviewCurrent == false, "it is due now")
        facts.take(AgentFacts(), nil, at: now)
        #expect(facts.evalPasses == nil && facts.isReviewCurrent == nil)
    }
}
