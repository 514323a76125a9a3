import InterlockCredentials
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockReview
@testable import InterlockReviews

/// A review whose agent or signers change between its start and its last signature.
@Suite(.requirement("R129", "R133")) struct ReviewSignersTests {
    @Test func `a tier that rose to high since the start asks for two reviewers`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let id = try await made.start()
        try await made.mark(id, 3)
        let raised = try BenchPolicy.snapshot([("tier: medium", "tier: high")])
        made.bench.gateway.policy.swap(to: raised, isFounding: false)
        await made.service.sweep()
        made.bench.clock.advance(.seconds(60))
        let alone = try await made.missing(id, made.answers(["ines"]))
        #expect(alone.count == 1 && alone[0].contains("2 reviewers"), "\(alone)")
        #expect(try await made.missing(id, made.answers(["ines", "rui"])) == [])
    }

    @Test func `a document whose signer was revoked is none, and others sign another one`()
        async throws
    {
        let made = try await ReviewBench.ofHighTier()
        let id = try await made.start()
        try await made.mark(id, 3)
        let first = try await made.document(
            id, made.answers(["ines", "rui"]), signedBy: ["ines"])
        #expect(await made.problem(id, first) == nil)
        #expect(try await made.service.document(of: id) == first)
        try made.revoke("ines")
        #expect(try await made.service.document(of: id) == .null)
        await made.service.readWaiting()
        #expect(made.service.waiting().isEmpty)
        let answers = made.answers(["paul", "rui"])
        let paul = try await made.document(id, answers, signedBy: ["paul"])
        #expect(await made.problem(id, paul) == nil)
        let rui = try made.document(paul, signedBy: "rui")
        #expect(await made.problem(id, rui) == nil)
        #expect(made.bench.ledger.drafts(of: .reviewSigned).count == 1)
    }

    @Test func `a review whose last step failed is signed again by who signed it`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let id = try await made.start()
        try await made.mark(id, 3)
        let body = try await made.document(id, made.answers(["ines"]), signedBy: ["ines"])
        made.bench.ledger.refuse(.reviewSigned)
        #expect(await made.problem(id, body)?.kind == .notRecorded)
        made.bench.ledger.accept()
        let ines = People.all["ines"]
        let person = ReviewPerson(
            person: ines.person, pseudonym: ines.pseudonym,
            visibility: Visibility(person: ines.person, roles: [.security], own: []))
        let draft = try await made.service.draft(id, by: person)
        let payload = try Envelope(json: body).payload
        #expect(draft.payload == payload, "on a page, too")
        let again = try ines.key.envelope(.review, draft.payload)
        let answer = try await made.service.sign(id, again.json, for: person)
        #expect(answer["signed"] == true && made.registry.open(id) == nil)
        #expect(made.bench.ledger.drafts(of: .reviewSigned).count == 1)
        #expect(made.bench.ledger.drafts(of: .reviewDiscarded).isEmpty)
    }
}
