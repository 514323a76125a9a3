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
@testable import InterlockTrust
@testable import InterlockTrustStages

/// Exceptions from the stage of an agent, in the gateway.
@Suite(.requirement("R126")) struct StageExceptionServiceTests {
    private func document(
        _ staged: StageBench, by names: [String] = ["ines", "paul"],
        signedBy signers: [String]? = nil, owner: String = "li", from: AutonomyStage = .gated,
        to: AutonomyStage = .assisted, days: Int64 = 7
    ) throws -> JSONValue {
        let date = staged.bench.clock.now.wall.wholeSecond
        let exception = try #require(
            StageException(
                org: "acme", agent: StageBench.clerk, from: from, to: to,
                owner: People.all[owner].person, deciders: names.map { People.all[$0].person },
                date: date, expires: date + .seconds(days * 86_400),
                reason: "The log of November was lost, and the evidence is gathered again",
                policy: staged.bench.policy.digest))
        let payload = try exception.canonical()
        let signatures = try (signers ?? names).flatMap { name in
            try People.all[name].key.envelope(.stageException, payload).signatures
        }
        return Envelope(
            payloadType: .stageException, payload: payload, signatures: signatures
        ).json
    }

    private func kind(_ staged: StageBench, _ body: JSONValue) async -> ProblemKind? {
        do throws(Problem) {
            _ = try await staged.service.except(body, by: staged.by)
            return nil
        } catch { return error.kind }
    }

    @Test func `two people raise a stage for a time, on record, also after a restart`() async throws
    {
        let staged = try await StageBench()
        staged.bench.clock.advance(StageBench.day)
        #expect(await kind(staged, try document(staged)) == nil)
        #expect(staged.stage == 1)
        let record = try #require(staged.bench.ledger.drafts(of: .trustExcepted).first)
        #expect(record.fields["to"] == "assisted")
        #expect(record.fields["signers"]?.array?.count == 2)
        #expect(staged.service.exceptions.map(\.agent) == [StageBench.clerk])
        #expect(staged.log.lines == ["trust.exception clerk"])
        let again = try await StageBench(log: staged.log, clock: staged.bench.clock)
        #expect(again.stage == 1 && again.registry.ignored.isEmpty)
        staged.bench.clock.advance(.seconds(7 * 86_400))
        #expect(staged.stage == 0, "before any sweep")
        await staged.service.sweep()
        #expect(staged.stage == 0 && staged.service.exceptions.isEmpty)
    }

    @Test func `signatures that do not suffice raise nothing`() async throws {
        let staged = try await StageBench()
        staged.bench.clock.advance(StageBench.day)
        #expect(await kind(staged, try document(staged, signedBy: ["ines"])) == .badSignature)
        #expect(
            await kind(staged, try document(staged, signedBy: ["ines", "li"])) == .badSignature)
        #expect(await kind(staged, try document(staged, signedBy: [])) != nil)
        #expect(await kind(staged, try document(staged, owner: "dana")) == .otherState)
        #expect(
            await kind(staged, try document(staged, from: .assisted, to: .bounded))
                == .otherState)
        staged.criteria.value = nil
        await staged.service.sweep()
        #expect(await kind(staged, try document(staged)) == .otherState)
        #expect(staged.stage == 0 && staged.bench.ledger.drafts(of: .trustExcepted).isEmpty)
    }

    @Test func `a demotion ends it at once, and a key that was revoked too`() async throws {
        let staged = try await StageBench()
        staged.bench.clock.advance(StageBench.day)
        #expect(await kind(staged, try document(staged)) == nil)
        staged.registry.demote(StageBench.clerk, by: .denials)
        #expect(staged.stage == 0 && staged.service.exceptions.isEmpty)
        staged.bench.clock.advance(.seconds(40 * 86_400))
        #expect(await kind(staged, try document(staged)) == .otherState, "it is held down")

        let other = try await StageBench()
        other.bench.clock.advance(StageBench.day)
        #expect(await kind(other, try document(other)) == nil)
        other.keys.value = nil
        await other.service.sweep()
        #expect(other.stage == 0 && other.service.exceptions.isEmpty)
    }

    @Test func `what cannot be recorded or kept does not act`() async throws {
        let staged = try await StageBench()
        staged.bench.clock.advance(StageBench.day)
        staged.bench.ledger.refuse(.trustExcepted)
        #expect(await kind(staged, try document(staged)) == .notRecorded)
        staged.bench.ledger.accept()
        staged.log.fail()
        #expect(await kind(staged, try document(staged)) == .notRecorded)
        #expect(staged.stage == 0)
        let unkept = try #require(staged.bench.ledger.drafts(of: .trustExcepted).last)
        #expect(unkept.fields["code"] == "exception.unkept")
    }
}
