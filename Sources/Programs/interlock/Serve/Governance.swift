import InterlockAdministration
import InterlockChangeGate
import InterlockCommandLine
import InterlockEvidence
import InterlockGovernor
import InterlockIncidents
import InterlockPromotions
import InterlockReadiness
import InterlockReviews
import InterlockSelfTest
import InterlockTrustStages

/// The services by which people govern agents: what their evals, runs, tests and incidents say, and what follows.
struct Governance {
    let denials: DenialClassificationService
    let incidents: IncidentService
    let evals: ChangeGateService
    let stages: TrustStageService
    let selfTests: SelfTestService
    let reviews: ReviewService
    let readiness: ReadinessService
    let promotions: PromotionService
    /// Secrets that agents were about to send, until an incident is opened.
    private let sent: SentSecretQueue

    init(
        _ parts: NodeParts, _ gateway: Gateway, _ evidence: NodeEvidence,
        looks: LogAccessLimiter, kill: HaltService, drills: DrillService,
        policies: PolicyService, wiring: UpstreamWiring
    ) throws(Failure) {
        denials = DenialClassificationService(gateway: gateway, log: evidence, looks: looks)
        incidents = IncidentService(gateway: gateway, store: parts.store)
        evals = ChangeGateService(gateway: gateway, registry: parts.evals)
        stages = parts.trustStages(gateway, evals, drills, policies)
        selfTests = try parts.selfTests(
            gateway, kill, drills, wiring, evidence, policies, evals)
        reviews = parts.reviewService(gateway, evidence, looks)
        readiness = parts.readiness(
            gateway, evals, drills, stages: stages, incidents: parts.store, selfTests: selfTests)
        promotions = parts.promotions(stages, evidence, evals, readiness)
        sent = parts.sent
    }

    func sweep() async {
        selfTests.sweep()
        await evals.sweep()
        await incidents.sweep(sent)
        await stages.sweep()
        await reviews.sweep()
    }
}
