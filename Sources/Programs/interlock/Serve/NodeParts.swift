import Glibc
import InterlockAPI
import InterlockAdministration
import InterlockAlerts
import InterlockApprovals
import InterlockChangeGate
import InterlockChangeReview
import InterlockClusterServing
import InterlockCommandLine
import InterlockConfiguration
import InterlockConsole
import InterlockCredentials
import InterlockDeployment
import InterlockEvidence
import InterlockGovernor
import InterlockHookDecisions
import InterlockIncidents
import InterlockJSON
import InterlockLimits
import InterlockModel
import InterlockNotification
import InterlockPatterns
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview
import InterlockPorts
import InterlockPromotions
import InterlockReviews
import InterlockSandboxes
import InterlockScanning
import InterlockSelfTest
import InterlockStore
import InterlockTransport
import InterlockTrustStages
import InterlockWitness
import InterlockWitnessing
import InterlockWorkspaceCommands
import InterlockZones
import Synchronization

/// Everything that a node has opened, and its wiring: the only place where each port is connected to its
/// implementation.
struct NodeParts {
    let deployment: Deployment
    let keys: NodeKeys
    let setup: LedgerSetup
    let payloads: PayloadKeySetup
    let records: RecordWriter
    let started: StartedPolicy
    let judge: RevisionEvaluator
    let loading: PolicyLoading
    let ledger: WriteAheadLog
    let halts: HaltSetup.Loaded
    let entries: ControlSetup
    let evals: ChangeGateRegistry
    let stages: TrustStageRegistry
    let reviews: ReviewRegistry
    let criteria: CriteriaInForce
    let cutoffs: ReleaseCutoffs
    let people: PeopleSetup
    let store: any NodeStore
    let loops: LoopGroup
    let control = ControlPlane()
    let witnesses: WitnessSetup
    let rules: RuleHolder
    let issuers: IssuerSetup
    let counted: CountedLimits
    let charts: ChartLibrary
    /// The cluster of which this node is a member; nil on one node.
    let member: ClusterMember?
    /// Secrets that agents were about to send, until an incident is opened.
    let sent = SentSecretQueue()
    /// Notifications for people, which wait until there is a service that delivers them.
    let topics = DeferredNotifications<Event>()

    enum Event: Sendable {
        case alarm(RaisedAlert)
        case approval(ApprovalNotification.Kind, ApprovalRequest)
        /// A person found what a run requested suspicious.
        case suspicion(ApprovalRequest)
        /// Independent signals stop an agent; a bypassed hook or a sent secret stops a run.
        case stop(HaltTarget, reason: String)
    }

    let hashing = OpenSSLHashing()
    private var configuration: Configuration { deployment.configuration }

    func gateway(
        upstreams: UpstreamPool, approvals: ApprovalService, _ searches: ResultSearches
    ) throws(Failure) -> Gateway {
        let alarms = alarms
        let pseudonyms = HMACPseudonyms(secret: keys.pseudonym)
        let policy = PolicyHolder(
            started.revision.snapshot, isFounding: started.verdict.status.isFounding,
            pseudonyms: pseudonyms)
        let runs = RunRegistry(
            pseudonyms: pseudonyms, ledger: ledger, keys: payloads.keyring,
            build: try Build.digest())
        counted.status.taint.restore(to: runs.tainted)
        do throws(StoreFailure) {
            try runs.workspaces.restore(
                from: TaintedWorkspaceStore(path: deployment.taintedWorkspaces))
        } catch { throw Failure(.io, "`\(deployment.taintedWorkspaces)`: \(error.reason)") }
        let sessions = SessionRegistry(
            ledger: ledger, entropy: SystemEntropy(), clock: SystemClock(),
            resumes: deployment.configuration.mcp.resumption)
        let halted = HaltRegistry(halts.book.set, cutoffs: cutoffs)
        return Gateway(
            settings: GatewaySettings(configuration),
            ports: GatewayPorts(
                ledger: ledger, upstreams: upstreams, authenticator: authenticator(policy),
                trust: stages, evals: evals, clock: SystemClock(),
                entropy: BufferedEntropy(),
                results: searches.calls, redactionDigest: redactionDigest,
                quorum: witnesses.client, log: { log($0) }, alertListener: alarmed,
                ladder: ladder(runs, halted),
                processes: SocketProcesses(), reviews: reviews, node: member?.permission,
                placement: member?.placement),
            state: CallState(
                policy: policy, halts: halted,
                pins: PinRegistry(
                    upstreams: upstreams, hashing: hashing, patterns: RE2Compiler(),
                    ledger: ledger, alarm: { alarms.raise($0, subject: $1) }),
                runs: runs, sessions: sessions),
            records: records, approvals: approvals,
            input: InputRequestService(
                sealer: RequestStateCipher(
                    secret: keys.pseudonym, deployment: started.revision.snapshot.org,
                    entropy: SystemEntropy()),
                nonces: store, hashing: hashing, entropy: SystemEntropy()),
            limits: counted.limits, breakers: counted.breakers,
            recipients: RecipientLimitService(
                configuration.limits.doors.recipients, store: store,
                digest: sightingDigest), units: member?.units)
    }

    /// Makes the channels and the service that notifies through them. It receives all events from now on, and those
    /// from before.
    func alerts(
        _ gateway: Gateway, _ approvals: ApprovalService, _ kill: HaltService,
        _ wiring: UpstreamWiring
    ) throws(Failure) -> NotificationSetup {
        let setup = try NotificationSetup(
            deployment, gateway, approvals, store: store, loops: loops,
            secrets: wiring.credentials.provider, keys: keys, statements: setup.statements)
        topics.deliver { [service = setup.service, loop = control.loop] item in
            switch item {
            case .alarm(let alarm): service.tell(alarm)
            case .approval(let kind, let request): service.tell(kind, request)
            case .suspicion(let request):
                let call = request.review.call
                gateway.suspect(call.run, of: call.agent)
            case .stop(let target, let reason):
                Task(executorPreference: loop) {
                    do throws(OrderRefusal) {
                        _ = try await kill.stop(target, byDetector: reason)
                    } catch { gateway.raise(alarm: "kill.fault", subject: target.target) }
                }
            }
        }
        return setup
    }

    /// Makes the kill switch, and raises alerts about faults of the halts on disk.
    func kill(
        _ gateway: Gateway, _ approvals: ApprovalService, _ sandboxes: SandboxService
    ) -> HaltService {
        let (people, key) = (people.holder, keys.halts.publicKey)
        let org = started.revision.snapshot.org
        let (passkeys, hashing) = (passkeys, hashing)
        for fault in halts.faults { gateway.raise(alarm: "kill.fault", subject: fault) }
        let folder = halts.folder
        return HaltService(
            gateway: gateway, approvals: approvals, book: halts.book,
            judge: {
                HaltVerifier(
                    SignedOrderVerifier(
                        trust: people.trust ?? .nobody(org: org), verifier: OpenSSLVerifier(),
                        ownKey: key, passkeys: passkeys?.judge(hashing)),
                    drill: folder.drillVerifier)
            }, store: halts.folder, hashing: hashing, passkeys: passkeys,
            threads: control.haltThreads, entries: entries.orders(halts), sandboxes: sandboxes,
            cluster: member?.halts)
    }

    /// Makes the writer that records limit usage in the log from time to time.
    func limitKeeper(_ gateway: Gateway) -> LimitSnapshotWriter {
        LimitSnapshotWriter(
            counted.status, at: gateway.clock.boot, logReader: counted.logReader, ledger: ledger,
            policy: { gateway.policy.snapshot },
            alarm: { gateway.raise(alarm: "limits.snapshot", subject: $0) })
    }

    func drills(
        _ gateway: Gateway, _ kill: HaltService, _ wiring: UpstreamWiring
    ) throws(Failure) -> DrillService {
        let folder = try KeyFailure.exits(
            .io, try DrillFolder(path: deployment.drill, node: keys.log.publicKey))
        let settings = configuration.drill
        guard let rules = SystemZones().rules(for: settings.at.zone) else {
            throw Failure(.data, "drill.at: there is no time zone `\(settings.at.zone)`")
        }
        return DrillService(
            gateway: gateway, stage: drillBuilder(gateway, kill, wiring), store: folder,
            people: people.holder,
            verifier: OpenSSLVerifier(), passkeys: passkeys, hashing: hashing,
            schedule: DrillService.Schedule(isAuto: settings.auto, at: settings.at, rules: rules))
    }

    /// The API of the operator's command line.
    func localAPI(
        _ gateway: Gateway, approvals: ApprovalService, elevations: ElevationService,
        policies: PolicyService, erasures: ErasureService, quarantines: QuarantineService,
        wiring: UpstreamWiring, alerts: NotificationService, kill: HaltService,
        drills: DrillService, outcomes: UnknownOutcomeService, runOrders: RunControlService,
        changes: ChangeReviewService, merges: MergeCheckService, _ governance: Governance
    ) -> LocalAPI {
        let alarms = AlertDispositionService(
            gateway: gateway, store: store, incidents: governance.incidents)
        let pseudonyms = HMACPseudonyms(secret: keys.pseudonym)
        var sources = ConsoleSources(
            elevations: elevations, readiness: governance.readiness,
            servers: ServerAdministrationService(gateway: gateway, quarantines: quarantines),
            runOrders: runOrders,
            alarms: AlertTriageService(
                gateway: gateway, alarms: alarms, alerts: alerts, people: people.holder),
            incidents: governance.incidents,
            limits: LimitQueryService(gateway: gateway), outcomes: outcomes,
            sandboxes: changes.sandboxes, changes: changes, merges: merges,
            hooks: HookInstallationService(gateway: gateway),
            taint: RunTaintQueryService(gateway: gateway), denials: governance.denials,
            promotions: governance.promotions,
            stageExceptions: { [stages] in stages.exceptions },
            reviews: governance.reviews)
        sources.isOfCluster = member != nil
        let shared = OperationServices(
            inbox: ApprovalInboxService(
                service: approvals, people: people.holder, clock: SystemClock(), hashing: hashing),
            clock: SystemClock(), hashing: hashing,
            orders: people.service.map { register in
                // Refusals are not recorded here: the sender is the operator, who sees the response.
                OrderRouter(
                    people: register, approvals: approvals,
                    tokens: AgentTokenService(gateway: gateway, issuer: tokens),
                    pseudonyms: pseudonyms,
                    watch: RefusalRecorder("people.order_refused", clock: gateway.clock) { _, _ in }
                )
            }, services: people.service, halts: kill,
            sources: sources)
        var own = LocalServices(
            gateway: gateway, approvals: approvals, kill: kill, drills: drills,
            elevations: elevations, policies: policies, erasures: erasures,
            signIns: UpstreamAuthorizationService(
                sources: wiring.credentials, policy: { gateway.policy.snapshot },
                isHalted: { gateway.isHalted($0.server, for: $0.agent) },
                look: { wiring.pool.lookAgain($0) }),
            tokens: tokens, pseudonyms: pseudonyms,
            witnesses: WitnessAdministration(
                client: witnesses.client, store: witnesses.files, hashing: hashing),
            console: ConsolePosture(
                url: configuration.approvals.console?.url,
                problem: configuration.approvals.console?.problem, missing: charts.problem),
            alerts: alerts, alarms: alarms, people: people.service,
            canaries: PlantedValueService(
                gateway: gateway, log: entries.entries, registry: entries.planted),
            evals: governance.evals)
        own.selfTests = governance.selfTests
        return LocalAPI(shared, own, user: geteuid(), workers: control.localWorkers)
    }

    /// Makes the maintainer of the index, which follows the log from now on.
    func index(_ gateway: Gateway) throws(Failure) -> IndexMaintainer {
        let ledger = ledger
        return IndexMaintainer(
            IndexMaintainer.Setup(
                path: deployment.index, keys: setup.verifierKeys, verifier: OpenSSLVerifier(),
                reader: setup.reader, clock: SystemClock(), durable: { ledger.status },
                note: { ledger.note($0) }, report: { gateway.index.status = $0 }))
    }

    /// - Parameter sources: reads this node's log.
    func erasures(
        _ gateway: Gateway, _ approvals: ApprovalService, _ notifications: NotificationService,
        _ sources: LogErasureSources
    ) -> ErasureService {
        ErasureService(
            ledger: ledger, keys: payloads.keyring, sources: sources, approvals: approvals,
            notifications: notifications, clock: SystemClock(),
            alarm: { gateway.raise(alarm: $0, subject: $1) })
    }

    func changes(
        _ gateway: Gateway, _ sandboxes: SandboxService, _ approvals: ApprovalService
    ) -> ChangeReviewService {
        ChangeReviewService(
            gateway: gateway, sandboxes: sandboxes, store: StoredReviews(path: deployment.runs),
            people: people.holder, verifier: OpenSSLVerifier(), passkeys: passkeys,
            hashing: hashing, notice: { approvals.tellPages() })
    }

    /// - Parameter log: this node's own log.
    func merges(_ gateway: Gateway, _ log: any RecordLog) -> MergeCheckService {
        MergeCheckService(
            gateway: gateway, people: people.holder,
            contents: AgentContents(
                log: log, store: StoredReviews(path: deployment.runs), hashing: hashing),
            history: MergeHistory(
                log: log, payloadDays: deployment.configuration.ledger.payloadDays),
            pseudonyms: HMACPseudonyms(secret: keys.pseudonym))
    }

    func elevations(_ gateway: Gateway) -> ElevationService {
        ElevationService(
            gateway: gateway, store: store, people: people.holder, verifier: OpenSSLVerifier(),
            passkeys: passkeys, hashing: hashing)
    }

    /// - Parameter follow: updates the other parts that depend on the policy.
    func policies(
        _ gateway: Gateway, _ approvals: ApprovalService,
        follow: @escaping @Sendable (PolicyRevision) async -> Void
    ) -> PolicyService {
        PolicyService(
            gateway: gateway, approvals: approvals, started: started,
            source: RevisionSource(path: deployment.policy),
            judge: judge, loading: loading, prepare: rules.preparation, follow: follow)
    }

    private func authenticator(_ policy: PolicyHolder) -> AgentAuthenticator {
        AgentAuthenticator(
            own: TokenAuthenticator(
                keys: [keys.token.publicKey], issuer: TokenIssuing.issuer,
                audience: configuration.listeners.audience.text, hashing: hashing,
                verifier: OpenSSLVerifier(), others: { [member] in member?.tokenKeys ?? [] },
                isKnown: { policy.snapshot(for: $0).agents[$0] != nil }
            ),
            outside: issuers.tokens)
    }

    var tokens: TokenIssuing {
        TokenIssuing(keys.token, audience: configuration.listeners.audience.text)
    }

    /// Is nil if there is no console that passkeys can be made for, or no usable trust file.
    var passkeys: PeoplePasskeys? { people.passkeys(of: configuration.approvals.console?.party) }

    private var alarms: AlertRaiser {
        AlertRaiser(ledger: ledger, records: records, log: { log($0) }, tell: alarmed)
    }

    private var alarmed: AlertRaiser.AlertListener { { [topics] in topics.tell(.alarm($0)) } }

    func approvals() -> ApprovalService {
        let alarms = alarms
        return ApprovalService(
            ApprovalPorts(
                store: member?.approvals ?? store, nonces: member?.approvals ?? store,
                logReader: LedgerApprovalReader(reader: setup.reader),
                glassTrail: LedgerApprovalReader(reader: setup.reader), ledger: ledger,
                records: records,
                clock: SystemClock(), entropy: SystemEntropy(), hashing: hashing,
                people: people.holder, verifier: OpenSSLVerifier(), passkeys: passkeys,
                takesConsent: configuration.approvals.takesConsent,
                useWithin: configuration.approvals.useWithin,
                reviewQuality: ReviewQualityPolicy(
                    plan: configuration.approvals.probes.plan, store: store,
                    logReader: LedgerApprovalReader(reader: setup.reader),
                    capPerHour: configuration.approvals.capPerHour,
                    refuses: configuration.approvals.countermeasures == "refuse"),
                node: setup.node, placement: member?.placement,
                alarm: { alarms.raise($0, subject: $1) },
                suspect: { [topics] in topics.tell(.suspicion($0)) },
                topics: { [topics] in topics.tell(.approval($0, $1)) }),
            limits: ApprovalTable.Limits(
                pendingOfAgent: configuration.approvals.pendingPerAgent,
                pending: configuration.approvals.pendingInAll))
    }
}
