import InterlockAPI
import InterlockAdministration
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
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockNotification
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview
import InterlockPorts
import InterlockReviews
import InterlockSandboxes
import InterlockSelfTest
import InterlockStore
import InterlockTransport
import InterlockTrustStages
import InterlockWitness
import InterlockWitnessing

/// One running gateway: every port with its implementation. Everything that can refuse a start does so here, in this
/// order: keys, policy, witnesses, log, payload keys, store, people, limits, servers.
final class Node: Sendable {
    let parts: NodeParts
    let gateway: Gateway
    let approvals: ApprovalService
    let localListener: LocalAPI
    let kill: HaltService
    let peopleListener: PeopleListener
    /// Serves the supervisors of sandboxed runs: the agent plane, and the events of hooks.
    let runsListener: AgentPlane
    /// Serves the hooks of coding agents outside runs; nil without a socket for them.
    let hooksListener: HostSessionService?
    /// The event loops of agents and servers.
    var loops: LoopGroup { parts.loops }
    var control: ControlPlane { parts.control }
    private let index: IndexMaintainer
    private let console: ConsoleSetup
    private let evidence: NodeEvidence
    private let retention: Retention
    private let wiring: UpstreamWiring
    private let elevations: ElevationService
    private let quarantines: QuarantineService
    private let policies: PolicyService
    private let sweeper: Task<Void, Never>
    private let haltSweeper: Task<Void, Never>
    private let health: HealthMonitor
    let ends: EndMonitor
    private let alerts: NotificationSetup
    private let limitKeeper: LimitSnapshotWriter
    private let peoplePlaces: RecordPlacesWriter?
    private let collectedRuns: CollectedRunsWriter
    private let sandboxes: SandboxService
    private let changes: ChangeReviewService
    private let metrics: MetricsAccess
    private let traces: TraceSetup
    private let evals: ChangeGateService

    private init(_ parts: NodeParts) throws(Failure) {
        self.parts = parts
        let wiring = try UpstreamWiring(parts.deployment, loops: parts.loops)
        let approvals = parts.approvals()
        self.approvals = approvals
        let searches = parts.resultSearches()
        let gateway = try parts.gateway(upstreams: wiring.pool, approvals: approvals, searches)
        wiring.pool.holdBack { gateway.halts.halts.stops($0) }
        wiring.raiseAlarms { gateway.raise(alarm: $0, subject: $1.text) }
        self.gateway = gateway
        let elevations = parts.elevations(gateway)
        self.elevations = elevations
        let pool = wiring.pool
        let quarantines = QuarantineService(gateway: gateway, store: parts.store, trial: pool)
        self.quarantines = quarantines
        wiring.tellQuarantines(quarantines)
        let policies = parts.policies(gateway, approvals) { revision in
            gateway.pins.noteQuarantines(under: revision.snapshot)
            await wiring.apply(revision.snapshot, to: pool)
            await elevations.rejudge()
            parts.criteria.follow(revision)
        }
        self.policies = policies
        let sources = LogErasureSources(parts.setup)
        let sandboxes = parts.sandboxes(gateway, policies)
        self.sandboxes = sandboxes
        let pipeline = CallPipeline(gateway: gateway)
        let hooks = parts.hookMonitor(gateway)
        runsListener = AgentPlane(pipeline, hooks: parts.hookEvents(pipeline, hooks, searches))
        let hostSessions = parts.hostSessions(pipeline, monitor: hooks, searches, policies)
        hooksListener = hostSessions
        wiring.setSandboxes(sandboxes)
        let changes = parts.changes(gateway, sandboxes, approvals)
        self.changes = changes
        let kill = parts.kill(gateway, approvals, sandboxes)
        self.kill = kill
        let alerts = try parts.alerts(gateway, approvals, kill, wiring)
        self.alerts = alerts
        let erasures = parts.erasures(gateway, approvals, alerts.service, sources)
        let drills = try parts.drills(gateway, kill, wiring)
        let control = parts.control
        let evidence = NodeEvidence(parts.deployment, parts.setup)
        self.evidence = evidence
        let looks = LogAccessLimiter(clock: gateway.clock)
        let outcomes = UnknownOutcomeService(
            gateway: gateway, log: evidence, people: parts.people.holder, looks: looks)
        let runOrders = parts.runOrders(gateway)
        let governance = try Governance(
            parts, gateway, evidence, looks: looks, kill: kill, drills: drills,
            policies: policies, wiring: wiring)
        evals = governance.evals
        localListener = parts.localAPI(
            gateway, approvals: approvals, elevations: elevations, policies: policies,
            erasures: erasures, quarantines: quarantines, wiring: wiring, alerts: alerts.service,
            kill: kill, drills: drills, outcomes: outcomes, runOrders: runOrders,
            changes: changes, merges: parts.merges(gateway, evidence), governance)
        let configuration = parts.deployment.configuration
        let ends = EndMonitor(gateway, people: parts.people.holder)
        self.ends = ends
        let console = ConsoleSetup(
            configuration.approvals.console, gateway, approvals, parts.people,
            parts.tokens, HMACPseudonyms(secret: parts.keys.pseudonym),
            secret: parts.keys.pseudonym,
            parts.store, kill,
            {
                ConsoleServices(
                    parts, gateway, approvals: approvals, kill: kill, elevations: elevations,
                    policies: policies, quarantines: quarantines, drills: drills,
                    alerts: alerts.service, ends: ends, evidence: evidence, outcomes: outcomes,
                    looks: looks, runOrders: runOrders, changes: changes, governance)
            }, parts.charts, mostStreams: configuration.limits.peopleConnections / 2)
        self.console = console
        metrics = MetricsAccess(configuration, secrets: wiring.credentials.provider)
        traces = try TraceSetup(
            parts.deployment, gateway, parts.setup, loops: parts.loops,
            secrets: wiring.credentials.provider)
        peopleListener = PeopleListener(
            PeoplePlane(
                gateway: gateway, approvals: approvals, token: metrics.token, alive: alerts.alive,
                witness: WitnessPlane(parts.witnesses.service, prefix: "/witness"),
                denials: alerts.pages),
            console: console.console, workers: control.peopleWorkers)
        parts.people.tell(approvals, elevations, gateway.policy, policies)
        index = try parts.index(gateway)
        retention = Retention(
            erasures, sources, days: parts.deployment.configuration.ledger.payloadDays)
        self.wiring = wiring
        parts.issuers.tokens?.resume(gateway.runs.openRuns)
        parts.issuers.start()
        let monitor = MonitorSweep(gateway, alerts.service, parts.store)
        health = HealthMonitor(gateway, parts.loops, control, parts.store)
        let beat = gateway.monitors.heartbeats.begin("sweep", at: gateway.clock.boot)
        let limitKeeper = parts.limitKeeper(gateway)
        self.limitKeeper = limitKeeper
        let peoplePlaces = parts.people.placesWriter(parts.ledger, parts.setup.reader)
        self.peoplePlaces = peoplePlaces
        let collectedRuns = CollectedRunsWriter(parts, gateway, evidence.log)
        self.collectedRuns = collectedRuns
        // Runs on the control loop, so that late ends and violations are found however busy the rest is.
        haltSweeper = Task(executorPreference: control.loop) {
            while !Task.isCancelled {
                await control.loop.sleep(for: .seconds(1))
                await kill.sweep()
            }
        }
        let people = parts.people
        sweeper = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                beat.beat(at: gateway.clock.boot)
                await gateway.sweep()
                await sandboxes.sweep()
                await hostSessions?.sweep()
                hooks.sweep()
                drills.sweep()
                ends.sweep()
                outcomes.sweep()
                await console.sweep()
                await elevations.expire()
                await people.sweep(gateway.policy)
                await alerts.service.sweep()
                await monitor.sweep()
                await limitKeeper.sweep(at: gateway.clock.boot)
                await peoplePlaces?.sweep()
                collectedRuns.sweep()
                await governance.sweep()
            }
        }
    }

    /// - Parameters:
    ///   - guardLost: whether to accept that the copy of the last checkpoint is lost.
    ///   - rebuild: whether to count limit usage without a snapshot.
    static func start(
        _ deployment: Deployment, guardLost: Bool, rebuild: Bool
    ) async throws(Failure) -> Node {
        let isMember = try deployment.isMember()
        let rules = RuleCompilation()
        let keys = try NodeKeys.opened(deployment)
        let (found, policy) = try RevisionSource(path: deployment.policy).served()
        for finding in policy.snapshot.findings {
            log(finding.text, .warning, part: "policy")
        }
        if let problem = deployment.configuration.approvals.console?.problem {
            log(problem, .warning, part: "console")
        }
        let loops = LoopGroup()
        let setup = try LedgerSetup(deployment, keys)
        if isMember { try beginLog(of: deployment, setup, under: policy.snapshot.digest) }
        let witnesses = try WitnessSetup(deployment, loops: loops)
        let ledger = try setup.open(guardLost: guardLost, witnesses: witnesses, loops: loops)
        // Opened under the log's lock, so that there is only one writer of buckets too.
        let payloads = try PayloadKeySetup(deployment)
        let records = payloads.records
        let kill = HaltSetup(deployment, keys, org: policy.snapshot.org)
        let store = try await openStore(deployment)
        let entries = try await ControlSetup(store, deployment, keys)
        try await entries.restoreHalts(to: kill.folder)
        let people = try await PeopleSetup(
            kill.folder, store: store, ledger: ledger, records: records, reader: setup.reader,
            party: deployment.configuration.approvals.console?.party)
        // Loaded after the people: a person who is enrolled only by the log may have signed one of the orders.
        let halts = kill.load()
        let start = try await PolicyStart(
            found, people: people.holder,
            passkeys: people.passkeys(of: deployment.configuration.approvals.console?.party),
            ledger: ledger, records: records, store: store, archive: deployment.policyArchive)
        let evals = try await entries.changeGate(
            under: start.started.revision.snapshot, people.holder, deployment.policyArchive)
        let criteria = CriteriaInForce(start.started.revision)
        let stages = try await entries.stages(
            under: start.started.revision.snapshot, people.holder, criteria, ledger: ledger,
            reader: setup.reader, incidents: store,
            passkeys: people.passkeys(of: deployment.configuration.approvals.console?.party))
        let reviews = try await entries.reviews(
            under: start.started.revision.snapshot, people.holder, stages,
            reader: setup.reader,
            passkeys: people.passkeys(of: deployment.configuration.approvals.console?.party))
        let counted = try await counted(
            try setup.limitTrail(deployment, rebuild: rebuild), setup.bootID,
            deployment.configuration.breakers, under: start.started.revision.snapshot)
        let member: ClusterMember? =
            isMember
            ? try await Self.join(
                deployment, keys, start, policy.identity, setup, ledger, records) : nil
        let node = try Node(
            NodeParts(
                deployment: deployment, keys: keys, setup: setup, payloads: payloads,
                records: records, started: start.started, judge: start.judge,
                loading: start.loading, ledger: ledger, halts: halts, entries: entries,
                evals: evals, stages: stages, reviews: reviews, criteria: criteria,
                cutoffs: try await entries.cutoffs(), people: people, store: store,
                loops: loops, witnesses: witnesses,
                rules: try await rules.holder(under: start.started.revision),
                issuers: try IssuerSetup(deployment, keys, loops: loops), counted: counted,
                charts: deployment.configuration.approvals.console == nil ? .unneeded : .read(),
                member: member))
        try await node.alerts.checkSecrets()
        try await node.metrics.read()
        try await node.traces.start()
        witnesses.attach(to: ledger, records: records)
        await listEvidenceKey(of: deployment, in: ledger)
        let snapshot = start.started.revision.snapshot
        if snapshot.lockProblem != nil {
            node.gateway.raise(alarm: "lock.refused", subject: PolicyLock.fileName)
        }
        if start.started.verdict.status.isFounding { node.gateway.raiseUnsignedPolicy() }
        if start.started.isOlder { node.gateway.raiseOlderPolicy() }
        if let line = node.evals.startLine() { log(line, part: "evals") }
        node.gateway.pins.noteQuarantines(under: snapshot)
        await node.wiring.apply(snapshot, to: node.wiring.pool)
        do throws(StoreFailure) {
            node.approvals.beginReadingHistory()
            try await node.approvals.restore()
            try await node.elevations.restore()
            try await node.quarantines.restore()
            try await node.sandboxes.restore()
            node.sandboxes.beginAttesting()
            node.hooksListener?.endEarlierSessions()
            try node.changes.restore()
            try await node.gateway.monitors.agents.restore(
                from: store, digest: node.parts.sightingDigest)
            try await node.gateway.recipients.restore(at: node.gateway.clock.wall)
            for agent in try await node.gateway.monitors.agents.restoreBaselines(
                from: store, at: node.gateway.clock.now)
            {
                node.gateway.raise(alarm: "detectors.unreadable", subject: agent.text)
            }
        } catch { throw Failure(.io, "cannot read what waits for people: \(error.reason)") }
        try await entries.check(node.elevations)
        try await people.check(entries)
        let gateway = node.gateway
        await node.approvals.redecideRestored(
            under: snapshot, elevations: gateway.elevations.compiled(under: snapshot)
        ) { gateway.stage(of: $0, in: snapshot) }
        await node.policies.redecideOpen(of: node.approvals.delegatingGroups)
        // A halt may have arrived while this node was down, or its last second may be lost.
        let holder = node.gateway.policy
        node.approvals.voidHalted(by: node.gateway.halts.halts) { holder.owner(of: $0) }
        // The whole log is read for it, so the start does not wait; break-glass is refused until it is done.
        let approvals = node.approvals
        Task { await approvals.restoreBreakGlass() }
        Task { await recallEnded(approvals, gateway) }
        do throws(StoreFailure) {
            try await node.alerts.service.start(open: node.approvals.shownLive)
        } catch { throw Failure(.io, "cannot read what people are to be told: \(error.reason)") }
        // Acts on orders that arrived as files while this node was down, before requests are accepted.
        await node.kill.act(on: node.kill.look())
        node.followCluster()
        return node
    }

    /// Reads policy and lock again. On any error both stay as they were, and the program's log says so. SIGHUP also
    /// lifts the blocks of tokens and reads the metrics token again; other reloads are automatic.
    func reload(_ cause: PolicyService.Cause) async {
        if cause == .signal {
            wiring.startTokensOver()
            await metrics.reload()
        }
        guard parts.member == nil else { return tellRevision() }
        await policies.reload(cause)
    }

    /// Starts to reload after changes on disk. Returns nil if they cannot be watched; SIGHUP still reloads.
    func watchPolicy() -> PolicyFileMonitor? {
        if parts.member != nil { return nil }
        let policies = policies
        do throws(FileFailure) {
            return try PolicyFileMonitor(parts.deployment.policy) {
                Task { await policies.reload(.folder) }
            }
        } catch {
            log("the policy's folder is not watched: \(error.message)", .warning, part: "policy")
            return nil
        }
    }

    /// Starts to act on orders that arrive as files.
    func watchOrders() throws(Failure) -> HaltFileMonitor {
        let kill = kill
        let deployment = parts.deployment
        let root = deployment.resolve(deployment.configuration.kill.rootFile)
        let folder = root.lastIndex(of: "/").map { String(root[..<$0]) } ?? "/"
        let clock = gateway.clock
        let beat = gateway.monitors.heartbeats.begin("orders", at: clock.boot)
        return try HaltFileMonitor(
            [deployment.kill + "/orders", folder],
            look: {
                beat.beat(at: clock.boot)
                return kill.look()
            }, act: { await kill.act(on: $0) }, on: control.loop)
    }

    func stop() async {
        await parts.member?.close()
        sweeper.cancel()
        haltSweeper.cancel()
        health.stop()
        parts.issuers.stop()
        await retention.stop()
        await traces.stop()
        await alerts.stop()
        await wiring.close()
        parts.people.close()
        await keepWhatIsNormal()
        parts.store.close()
        index.stop()
        console.close()
        collectedRuns.close()
        evidence.close()
        await limitKeeper.keep()
        await peoplePlaces?.keep()
        parts.ledger.close()
        parts.witnesses.close()
        parts.payloads.close()
        parts.control.close()
    }

    private func keepWhatIsNormal() async {
        do throws(StoreFailure) {
            try await gateway.monitors.agents.keepSightings(in: parts.store)
            try await gateway.monitors.agents.keepAllBaselines(in: parts.store)
        } catch {
            log("what is normal for agents cannot be kept: \(error.reason)")
        }
    }
}
