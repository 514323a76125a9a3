import InterlockAPI
import InterlockAdministration
import InterlockChangeGate
import InterlockChangeReview
import InterlockCommandLine
import InterlockConsole
import InterlockCredentials
import InterlockDeployment
import InterlockEvidence
import InterlockGovernor
import InterlockIncidents
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockNotification
import InterlockPolicyCommands
import InterlockPorts
import InterlockPromotions
import InterlockReviews
import InterlockStore
import InterlockTrustQueries
import InterlockTrustStages
import InterlockZones

/// The services that one node's console pages read from, with their threads: none of them blocks an event loop.
struct ConsoleServices {
    let sources: ConsoleSources
    /// Updates the status twice a second.
    private let pacer: Task<Void, Never>
    /// Looks once a second at what waits for people.
    private let taskPacer: Task<Void, Never>
    private let agents: AgentQueryService
    /// The thread for policy pages, which take long to compute.
    private let reading = JobThread("policy-reading", limit: 16)
    private let signing = JobThread("sign-off", limit: 4)
    /// The thread for what is read once after the start.
    private let starting = JobThread("console-start", limit: 2)

    init(
        _ parts: NodeParts, _ gateway: Gateway, approvals: ApprovalService, kill: HaltService,
        elevations: ElevationService, policies: PolicyService, quarantines: QuarantineService,
        drills: DrillService, alerts: NotificationService, ends: EndMonitor,
        evidence: NodeEvidence, outcomes: UnknownOutcomeService, looks: LogAccessLimiter,
        runOrders: RunControlService, changes: ChangeReviewService, _ governance: Governance
    ) {
        let alarms = AlertDispositionService(
            gateway: gateway, store: parts.store, incidents: governance.incidents)
        let status = StatusService(
            gateway: gateway, approvals: approvals, alarms: alarms,
            sources: HealthSources(
                drills: drills, alerts: alerts, policies: policies, ends: ends, halts: kill))
        pacer = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(500))
                status.sweep()
            }
        }
        let tasks = InboxTaskService(
            gateway: gateway, halts: kill, approvals: approvals, elevations: elevations,
            policies: policies, drills: drills, alarms: parts.store, people: parts.people.service,
            outcomes: outcomes)
        taskPacer = Task {
            while !Task.isCancelled {
                await tasks.sweep()
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
        agents = AgentQueryService(gateway: gateway, elevations: elevations, aside: reading.submit)
        let zones = LoadedZones(SystemZones())
        let stages = parts.stages
        _ = starting.submit { zones.load() }
        Self.refill(from: evidence.log.reader, status, agents, at: gateway.clock.wall, starting)
        let policy = PolicyQueryService(
            gateway: gateway, policies: policies, hashing: OpenSSLHashing(),
            sources: parts.deployment.policyArchive, aside: reading.submit)
        var sources = ConsoleSources(
            visibility: VisibilityService(people: parts.people.holder, policy: gateway.policy)
                .visibility,
            status: status, drills: drills, elevations: elevations,
            policy: policy,
            signOffs: SignOffService(
                gateway: gateway, policies: policies, people: parts.people.holder,
                verifier: OpenSSLVerifier(), passkeys: parts.passkeys, hashing: OpenSSLHashing(),
                keeper: SignOffFileStore(
                    file: SignOffFile(besidePolicy: parts.deployment.policy), jobs: signing)),
            agents: agents, evals: governance.evals,
            trust: TrustQueryService(
                gateway: gateway, stages: { stages.status(of: $0) },
                reading: {
                    await evidence.trust(
                        under: $0, stages, at: gateway.clock.wall,
                        known: { governance.promotions.facts(of: $0) })
                }),
            readiness: governance.readiness,
            servers: ServerAdministrationService(
                gateway: gateway, quarantines: quarantines, people: parts.people.holder,
                verifier: OpenSSLVerifier(), passkeys: parts.passkeys, hashing: OpenSSLHashing()),
            records: RecordQueryService(
                log: evidence, gateway: gateway,
                pseudonyms: HMACPseudonyms(secret: parts.keys.pseudonym), looks: looks),
            runs: RunQueryService(gateway: gateway, records: evidence, log: evidence, looks: looks),
            hosts: HostQueryService(gateway: gateway, log: evidence, looks: looks),
            runOrders: runOrders,
            alarms: AlertTriageService(
                gateway: gateway, alarms: alarms, alerts: alerts, people: parts.people.holder),
            incidents: governance.incidents,
            limits: LimitQueryService(gateway: gateway),
            load: ApproverLoadQueryService(approvals: approvals, people: parts.people.holder),
            tasks: tasks, outcomes: outcomes,
            search: SearchService(
                gateway: gateway, people: parts.people.holder, policy: policy),
            simulations: SimulationService(
                gateway: gateway, policies: policies, log: evidence, looks: looks),
            zones: zones, sandboxes: changes.sandboxes, changes: changes,
            merges: parts.merges(gateway, evidence),
            taint: RunTaintQueryService(gateway: gateway), denials: governance.denials,
            promotionActions: governance.promotions, stageExceptions: { stages.exceptions },
            reviewQueries: governance.reviews, reviewActions: governance.reviews,
            passages: { await gateway.runs.tainted.passage(of: $0, from: evidence) })
        sources.isOfCluster = parts.member != nil
        self.sources = sources
    }

    /// Reads the calls of the last hour from the log, on a thread of its own: the gateway serves meanwhile.
    private static func refill(
        from reader: LedgerReader, _ status: StatusService, _ agents: AgentQueryService,
        at start: Timestamp, _ thread: JobThread
    ) {
        _ = thread.submit {
            do throws(LedgerFailure) {
                let recent = try RecentCalls(reading: reader, before: start)
                status.refill(recent)
                agents.refill(recent)
            } catch {
                log(
                    "the calls before the start are not counted: \(error)", .warning,
                    part: "console")
            }
        }
    }

    /// Called once a second.
    func sweep() { agents.sweep() }

    func close() {
        pacer.cancel()
        taskPacer.cancel()
        reading.close()
        signing.close()
        starting.close()
    }
}
