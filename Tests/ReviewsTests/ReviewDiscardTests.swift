import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockReview
@testable import InterlockReviews

/// Documents of reviews that people signed, and that end without a sign-off.
@Suite(.requirement("R129", "R133")) struct ReviewDiscardTests {
    /// A review of tier high whose document `ines` signed, and which waits for `rui`.
    private func waiting() async throws -> (made: ReviewBench, id: ReviewID, body: JSONValue) {
        let made = try await ReviewBench.ofHighTier()
        let id = try await made.start()
        try await made.mark(id, 3)
        let body = try await made.document(
            id, made.answers(["ines", "rui"]), signedBy: ["ines"])
        #expect(await made.problem(id, body) == nil)
        #expect(made.service.waiting().count == 1)
        return (made: made, id: id, body: body)
    }

    private func discardKind(_ made: ReviewBench, _ id: ReviewID) async -> ProblemKind? {
        do throws(Problem) {
            _ = try await made.service.discard(id, by: made.by)
            return nil
        } catch { return error.kind }
    }

    @Test func `a document that is discarded is on record with its signatures`() async throws {
        let (made, id, body) = try await waiting()
        let answer = try await made.service.discard(id, by: made.by)
        #expect(answer["signed"] == [.string(People.all["ines"].person.address)])
        let record = try #require(made.bench.ledger.drafts(of: .reviewDiscarded).first)
        #expect(record.fields["agent"] == "clerk" && record.fields["rvw"] == .string(id.text))
        #expect(record.fields["signers"] == [.string(People.all["ines"].pseudonym.text)])
        #expect(record.fields["by"] == .string(made.by.text))
        let envelope = try Envelope(json: body)
        let digest = made.registry.hashing.sha256(envelope.payload)
        #expect(record.fields["h"] == .string(digest.base64))
        let proof = try JSONValue(
            parsing: try #require(record.plaintext("proof")), limits: JSONLimits(bytes: 1 << 20))
        #expect(try Envelope(json: proof) == envelope)
        #expect(try await made.service.document(of: id) == .null && made.service.waiting().isEmpty)
        #expect(made.registry.open(id)?.marks.count == 3, "the review stays open")
        #expect(await discardKind(made, id) == .otherState)
        #expect(made.bench.ledger.drafts(of: .reviewDiscarded).count == 1)
    }

    @Test func `what cannot be recorded is not discarded, and what is not dropped is said`()
        async throws
    {
        let (made, id, body) = try await waiting()
        made.bench.ledger.refuse(.reviewDiscarded)
        #expect(await discardKind(made, id) == .notRecorded)
        made.bench.ledger.accept()
        #expect(try await made.service.document(of: id) == body)
        made.files.fails.value = true
        #expect(await discardKind(made, id) == .notRecorded)
        made.files.fails.value = false
        #expect(try await made.service.document(of: id) == body)
        let codes = made.bench.ledger.drafts(of: .reviewDiscarded).map { $0.fields["code"] }
        #expect(codes.last == "discard.unkept", "\(codes)")
        #expect(await discardKind(made, id) == nil)
    }

    @Test func `a document that another one replaces is on record, and a repeated one is not`()
        async throws
    {
        let (made, id, body) = try await waiting()
        #expect(await made.problem(id, body) == nil)
        #expect(made.bench.ledger.drafts(of: .reviewDiscarded).isEmpty)
        let changed = try BenchPolicy.snapshot([
            ("tier: medium", "tier: high"), ("purpose: Clerks", "purpose: Other clerks"),
        ])
        made.bench.gateway.policy.swap(to: changed, isFounding: false)
        var answers = try #require(made.answers(["ines", "rui"]).object)
        answers["policy"] = .string(changed.digest.prefixed)
        let other = try await made.document(id, .object(answers), signedBy: ["rui"])
        #expect(await made.problem(id, other) == nil)
        let record = try #require(made.bench.ledger.drafts(of: .reviewDiscarded).first)
        #expect(record.fields["signers"] == [.string(People.all["ines"].pseudonym.text)])
        #expect(try await made.service.document(of: id) == other)
    }

    @Test func `a review that takes the place of an old one drops its document on record`()
        async throws
    {
        let made = try await ReviewBench.ofHighTier()
        let id = try await made.start()
        try await made.mark(id, 3)
        made.bench.clock.advance(.seconds(10 * 86_400))
        let body = try await made.document(
            id, made.answers(["ines", "rui"]), signedBy: ["ines"])
        #expect(await made.problem(id, body) == nil)
        made.bench.clock.advance(.seconds(4 * 86_400))
        let next = try await made.start()
        #expect(next != id)
        let record = try #require(made.bench.ledger.drafts(of: .reviewDiscarded).first)
        #expect(record.fields["rvw"] == .string(id.text))
        #expect(record.fields["by"] == .string(made.by.text))
    }

    @Test func `after the first signature commands change nothing, as pages do not`() async throws {
        let (made, id, body) = try await waiting()
        _ = try await made.service.read(ReviewBench.leaf(0), of: id, by: made.by)
        let marks = made.registry.open(id)?.marks.count
        var refused: [Problem] = []
        do throws(Problem) {
            _ = try await made.service.mark(
                ReviewBench.leaf(0), of: id, as: "unclear", severity: nil, note: "", by: made.by)
        } catch { refused.append(error) }
        do throws(Problem) {
            _ = try await made.service.draft(id, made.answers(["ines", "rui"]))
        } catch { refused.append(error) }
        let first = try ReviewSignOff(Envelope(json: body)).json
        var changed = try #require(first.object)
        changed["reviewers"] = .array(
            ["paul", "rui"].map { .string(People.all[$0].person.address) })
        let payload = try JSONValue.object(changed).canonical()
        let other = try People.all["rui"].key.envelope(.review, payload)
        if let problem = await made.problem(id, other.json) { refused.append(problem) }
        #expect(refused.map(\.kind) == [.otherState, .otherState, .otherState])
        for problem in refused {
            #expect(problem.detail.contains(People.all["ines"].person.address), "\(problem.detail)")
        }
        #expect(made.registry.open(id)?.marks.count == marks)
        #expect(try await made.service.document(of: id) == body)
        _ = try await made.service.discard(id, by: made.by)
        #expect(try await made.missing(id, made.answers(["ines", "rui"])) == [])
    }

    @Test func `a payload that is erased after the first signature asks for another document`()
        async throws
    {
        let (made, id, _) = try await waiting()
        made.reader.erased.value = [ReviewBench.leaf(1)]
        _ = try await made.service.read(ReviewBench.leaf(1), of: id, by: made.by)
        #expect(made.registry.open(id)?.marks[ReviewBench.leaf(1)]?.judgement == .erased)
        let missing = try await made.missing(id, made.answers(["ines", "rui"]))
        #expect(missing.count == 1 && missing[0].contains("no mark"), "\(missing)")
    }
}
