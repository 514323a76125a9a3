import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockPromotions
@testable import InterlockTrust
@testable import InterlockTrustStages

/// A bench of stages with the service of promotions. By default nothing is missing for any stage of the clerk.
struct PromotionBench {
    /// Files in memory.
    final class Files: PromotionFiles {
        let contents = Mutexed<[String: [UInt8]]>([:])
        let fails = Mutexed(false)

        func write(_ bytes: [UInt8], as name: String) async throws(StoreFailure) {
            if fails.value { throw StoreFailure(reason: "full") }
            var all = contents.value
            all[name] = bytes
            contents.value = all
        }

        func read(_ name: String) async throws(StoreFailure) -> [UInt8]? { contents.value[name] }

        func names() async throws(StoreFailure) -> [String] { Array(contents.value.keys) }
    }

    /// A log of clean runs, with facts that a test changes.
    final class Log: PromotionEvidenceReader {
        let facts: Mutexed<TrustFacts>
        let isReadable = Mutexed(true)
        let asked = Mutexed<[AgentFacts]>([])
        /// The times after which demotions took no credit.
        let undone = Mutexed<[Timestamp?]>([])

        init(_ facts: TrustFacts) { self.facts = Mutexed(facts) }

        func evidence(on request: PromotionEvidenceRequest) async -> PromotionEvidence? {
            asked.value += [request.known]
            undone.value += [request.undoneSince]
            var facts = facts.value
            if facts.ownerConfirmed == nil {
                facts.ownerConfirmed = request.now - .seconds(86_400)
            }
            guard isReadable.value,
                let assessment = TrustAssessment(
                    of: TrustCount(Self.runs, under: request.criteria), facts,
                    for: request.stage, under: request.criteria, at: request.now)
            else { return nil }
            return PromotionEvidence(
                checkpoint: Checkpoint(
                    origin: "acme.example/gw1/1", size: 900, root: Digest(words: (9, 9, 9, 9))),
                assessment: assessment)
        }

        /// Enough for each stage.
        private static let runs: [RunFacts] = (0..<6_000).map { number in
            var run = RunFacts(
                run: "run-\(number)", template: RunTaskName("task-\(number % 6)"),
                day: Int64(number / 6 % 80), start: Digest(words: (UInt64(number), 1, 1, 1)))
            run.end = Digest(words: (UInt64(number), 2, 2, 2))
            run.hasCall = true
            run.granted = 1
            return run
        }
    }

    struct Answer: ReadinessReader {
        let results: Mutexed<[ReadinessResult]>

        func readiness(of agent: AgentName?, for stage: AutonomyStage?) async -> Readiness {
            Readiness(agent: agent, stage: stage, results: results.value)
        }
    }

    let staged: StageBench
    let files = Files()
    let log: Log
    let results = Mutexed([ReadinessResult(.log, .ok, "is there")])
    let isPassing = Mutexed(true)
    let service: PromotionService

    static let clerk = StageBench.clerk
    private static let hashing = OpenSSLHashing()

    /// - Parameters:
    ///   - answers: false for a gateway that has no answer whether an agent is ready.
    ///   - passkeys: nil for one at which no passkey can sign.
    init(
        _ changes: [(String, String)] = [], answers: Bool = true, passkeys: Passkeys? = nil
    ) async throws {
        let staged = try await StageBench(changes, passkeys: passkeys)
        self.staged = staged
        staged.bench.clock.advance(StageBench.day)
        var facts = TrustFacts(incidents: [])
        facts.evalPasses = true
        facts.isReviewCurrent = true
        facts.isDrillCurrent = true
        log = Log(facts)
        let isPassing = isPassing
        service = PromotionService(
            stages: staged.service, files: files,
            sources: PromotionService.Sources(
                evidence: log, readiness: answers ? Answer(results: results) : nil, reviews: nil,
                passing: { _ in
                    guard isPassing.value else { return nil }
                    return (
                        fingerprint: Self.hashing.sha256([3]), result: Self.hashing.sha256([4])
                    )
                }, passkeys: passkeys?.voting),
            hashing: Self.hashing, verifier: OpenSSLVerifier())
    }

    /// Proposes a stage of the clerk.
    func propose(_ stage: AutonomyStage, undoes: Bool = false) async throws -> Digest {
        let answer = try await service.propose(Self.clerk, to: stage, undoes: undoes)
        let text = try #require(answer["proposal"]?.string, "\(answer)")
        return try #require(Digest(prefixed: text))
    }

    /// The reasons for which a stage of the clerk is not proposed.
    func missing(_ stage: AutonomyStage) async throws -> [String] {
        let answer = try await service.propose(Self.clerk, to: stage)
        #expect(answer["proposal"] == nil)
        return (answer["missing"]?.array ?? []).compactMap(\.string)
    }

    /// The document of a proposal with some signatures. Each call at the same time makes the same document.
    func document(
        of evidence: Digest, deciders: [String], signedBy signers: [String],
        owner: String = "li",
        rationale: String = "Four weeks of routing without any rejection at all"
    ) throws -> JSONValue {
        let bytes = try #require(files.contents.value[evidence.hex + ".json"])
        let snapshot = try TrustSnapshot(parsing: bytes)
        let date = snapshot.date
        let promotion = try #require(
            Promotion(
                org: "acme", agent: Self.clerk, from: snapshot.from, to: snapshot.to,
                owner: People.all[owner].person, deciders: deciders.map { People.all[$0].person },
                date: date, expires: date + .seconds(60 * 86_400), rationale: rationale,
                criteria: snapshot.criteria, evidence: evidence,
                fingerprint: snapshot.fingerprint, policy: snapshot.policy,
                undoes: snapshot.undoes))
        let payload = try promotion.canonical()
        let signatures = try signers.flatMap { name in
            try People.all[name].key.envelope(.promotion, payload).signatures
        }
        return Envelope(payloadType: .promotion, payload: payload, signatures: signatures).json
    }

    func kind(_ evidence: Digest, _ body: JSONValue) async -> ProblemKind? {
        do throws(Problem) {
            _ = try await service.sign(evidence, body, by: staged.by)
            return nil
        } catch { return error.kind }
    }

    /// Promotes the clerk by two people who do not own it.
    func rise(to stage: AutonomyStage) async throws {
        let evidence = try await propose(stage)
        _ = try await service.sign(
            evidence,
            document(of: evidence, deciders: ["ines", "paul"], signedBy: ["ines", "paul"]),
            by: staged.by)
        staged.bench.clock.advance(StageBench.day)
    }

    var promotions: [RecordDraft] { staged.bench.ledger.drafts(of: .trustPromoted) }
    var hasDocument: Bool { files.contents.value.keys.contains { $0.hasSuffix(".dsse") } }
}
