import InterlockCredentials
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockTrust
@testable import InterlockTrustStages

/// A bench whose agents have the stages of a registry, with the service that a gateway has. `li` owns `clerk`, which the
/// policy lets rise to stage 3.
struct StageBench {
    static let clerk = AgentName("clerk").unwrapped
    static let reader = AgentName("reader").unwrapped
    static let criteria = TrustCriteria.standard
    private static let hashing = OpenSSLHashing()
    static let day = Duration.seconds(86_400)

    let bench: Bench
    let log: MemoryControlLog
    let registry: TrustStageRegistry
    let service: TrustStageService
    /// The keys that the gateway reads; a test may change them.
    let keys: Mutexed<AuthorizedKeys?>
    let criteria = Mutexed<TrustCriteria?>(StageBench.criteria)
    /// The agents whose evals fail, with the results.
    let failing = Mutexed<[AgentName: Digest]>([:])
    /// The agents whose last run of evals proves nothing.
    let unproved = Mutexed<[AgentName]>([])
    let drill = Mutexed<DrillStatus>(StageBench.noDrill)
    let redecided = Mutexed<Int>(0)
    let by = People.all["li"].pseudonym

    static let noDrill = DrillStatus(
        every: nil, declared: nil, reports: nil, now: Timestamp(microseconds: 0))

    /// - Parameter log: that of an earlier bench, to simulate a restart.
    init(
        _ changes: [(String, String)] = [], log: MemoryControlLog = MemoryControlLog(),
        ledger: MemoryLedger = MemoryLedger(), clock: FakeClock = FakeClock(),
        criteria: TrustCriteria? = StageBench.criteria, results: StubInspector = .clean,
        passkeys: Passkeys? = nil
    ) async throws {
        self.log = log
        let added = FakeClock().now.wall - .seconds(30 * 86_400)
        let people = try People.all.trust(added: added)
        let trust = try AuthorizedKeys(
            org: people.org, people: people.people, nodes: people.nodes,
            passkeys: passkeys?.enrolled(at: added) ?? [])
        let keys = Mutexed<AuthorizedKeys?>(trust)
        self.keys = keys
        let read = self.criteria
        read.value = criteria
        registry = try await TrustStageRegistry(
            from: log, under: try BenchPolicy.snapshot(changes), trust: { keys.value },
            criteria: { read.value }, clock: clock, hashing: Self.hashing,
            verifier: OpenSSLVerifier(), passkeys: passkeys?.voting.judge(Self.hashing),
            note: { ledger.note($0) })
        let bench = try Bench(
            policy: changes, ledger: ledger, ladder: StageLadder(NoLadder(), registry),
            results: results, stages: registry, clock: clock)
        self.bench = bench
        let (failing, drill, redecided) = (failing, drill, redecided)
        let unproved = unproved
        service = TrustStageService(
            gateway: bench.gateway, registry: registry,
            sources: TrustStageService.Sources(
                regression: { failing.value[$0] },
                isFailing: { failing.value[$0] != nil || unproved.value.contains($0) },
                drill: { drill.value },
                redecide: {
                    redecided.value += 1
                    let policy = bench.policy
                    await bench.approvals.redecide(under: policy, after: policy) {
                        bench.gateway.stage(of: $0, in: policy)
                    }
                }))
    }

    /// A promotion of the clerk, dated now.
    func document(
        _ from: AutonomyStage, _ to: AutonomyStage, by names: [String],
        signedBy signers: [String]? = nil, owner: String = "li",
        agent: AgentName = StageBench.clerk,
        date: Timestamp? = nil, lasting days: Int64 = 60, org: String = "acme",
        criteria: Digest? = nil, policy: Digest? = nil, undoes: Bool = false
    ) throws -> JSONValue {
        let date = (date ?? bench.clock.now.wall).wholeSecond
        let digest = try #require(StageBench.criteria.digest(hashing: Self.hashing))
        let promotion = try #require(
            Promotion(
                org: org, agent: agent, from: from, to: to, owner: People.all[owner].person,
                deciders: names.map { People.all[$0].person }, date: date,
                expires: date + .seconds(days * 86_400),
                rationale: "Four weeks of routing, 412 clean runs, both rejections are fixed",
                criteria: criteria ?? digest, evidence: Self.hashing.sha256([2]),
                fingerprint: Self.hashing.sha256([3]), policy: policy ?? bench.policy.digest,
                undoes: undoes))
        let payload = try promotion.canonical()
        let signatures = try (signers ?? names).flatMap { name in
            try People.all[name].key.envelope(.promotion, payload).signatures
        }
        return Envelope(payloadType: .promotion, payload: payload, signatures: signatures).json
    }

    /// Lets the clerk rise to a stage, one a day.
    func rise(to stage: AutonomyStage, lasting days: Int64 = 60) async throws {
        for step in AutonomyStage.allCases where step > .gated && step <= stage {
            bench.clock.advance(Self.day)
            try await service.promote(
                document(
                    step.previous ?? .gated, step, by: ["ines", "paul"], lasting: days), by: by)
        }
        // The date of the next document must be later than all that follows now.
        bench.clock.advance(.seconds(2))
    }

    func kind(_ body: JSONValue) async -> ProblemKind? {
        do throws(Problem) {
            _ = try await service.promote(body, by: by)
            return nil
        } catch { return error.kind }
    }

    /// The stage of the clerk, as calls see it.
    var stage: Int { registry.stage(of: Self.clerk).number }

    var demotions: [String] {
        bench.ledger.drafts(of: .trustDemoted).compactMap { $0.fields["code"]?.string }
    }

    var alerts: [String] {
        bench.ledger.drafts(of: .alarmRaised).compactMap { $0.fields["code"]?.string }
            .filter { $0.hasPrefix("trust.") }
    }

    /// Waits until the control log has so many demotions.
    func stored(_ count: Int) async -> Bool {
        await until { log.lines.count { $0.hasPrefix("trust.demotion ") } == count }
    }
}
