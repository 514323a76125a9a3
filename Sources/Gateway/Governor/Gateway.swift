import InterlockApprovals
package import InterlockJSON
import InterlockLedger
package import InterlockLimits
import InterlockMCP
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts

/// The ports, the state that outlives one call, and the settings, shared by all stages. Made once by the program;
/// immutable, and its parts are safe from any thread.
package final class Gateway: Sendable {
    package let settings: GatewaySettings
    package let ports: GatewayPorts
    package let state: CallState
    package let records: RecordWriter
    package let approvals: any CallApprovals
    package let input: InputRequestService
    package let limits: LimitService
    /// The units of calls: those of `limits`, or of a port that can wait, bounded by a deadline.
    let units: any LimitUnits
    package let breakers: CircuitBreakerService
    package let recipients: RecipientLimitService
    package let inFlight = InFlightTable()
    package let elevations = ElevationRegistry()
    package let resources = ResourceSubscriptionRegistry()
    package let index = IndexProgress()
    package let workloads = WorkloadBindings()
    package let attested = AttestedRuns()
    package let hostSessions = HostSessionTokens()
    package let hostCalls = HostCallRegistry()
    package let observation = RunObservation()
    let listChanges = ListChangeNotifier()
    let resourceVerdicts = ResourceVerdicts()
    let contexts = ContextBudget()
    let markerQueue = MarkerQueue()
    let blockedCalls = BlockedCallAlerts()
    /// Limits the alerts about canaries in what agents were about to get.
    let foundCanaries = BlockedCallAlerts()
    let admission: AdmissionLimiters
    package let monitors: GatewayMonitors
    package let figures = GatewayFigures()
    package let deferredCalls = DeferredCallRegistry()

    package init(
        settings: GatewaySettings, ports: GatewayPorts, state: CallState, records: RecordWriter,
        approvals: any CallApprovals, input: InputRequestService, limits: LimitService,
        breakers: CircuitBreakerService = CircuitBreakerService(),
        recipients: RecipientLimitService = RecipientLimitService(),
        units: (any LimitUnits)? = nil
    ) {
        self.settings = settings
        self.ports = ports
        self.state = state
        self.records = records
        self.approvals = approvals
        self.input = input
        self.limits = limits
        self.units = units.map { TimedLimitUnits($0, within: settings.unitsDeadline) } ?? limits
        self.breakers = breakers
        self.recipients = recipients
        admission = AdmissionLimiters(settings.doors)
        monitors = GatewayMonitors(settings)
    }

    package var ledger: any Ledger { ports.ledger }
    package var upstreams: any Upstreams { ports.upstreams }
    package var clock: any Clock { ports.clock }
    package var policy: PolicyHolder { state.policy }
    package var halts: HaltRegistry { state.halts }
    package var pins: PinRegistry { state.pins }
    package var runs: RunRegistry { state.runs }
    package var sessions: SessionRegistry { state.sessions }
    package var counters: Counters { figures.counters }
    package var tally: CallTally { figures.tally }

    package func newID<Tag>() -> Identifier<Tag> {
        Identifier(milliseconds: clock.wall.milliseconds, random: ports.entropy.bytes(10))
    }

    /// Returns the stage and the share of limits under which an agent acts outside a sandbox: the lower of the policy's
    /// stage and the one that the trust record allows; at most `supervised` before the first sign-off of a revision.
    /// Returns nil if the policy does not contain the agent.
    package func terms(of agent: AgentName, in policy: PolicySnapshot) -> AgentTerms? {
        policy.terms(of: agent, trust(of: agent))
    }

    /// The terms of a call, whose run may be attested.
    func terms(of principal: Principal, in policy: PolicySnapshot) -> AgentTerms? {
        policy.terms(
            of: principal.agent,
            trust(of: principal.agent) { attested.attests(principal, under: policy) })
    }

    package func trust(
        of agent: AgentName, isSandboxed: () -> Bool = { false }
    ) -> AgentTerms.Trust {
        policy.trust(of: agent, ports.trust.stage(of: agent, isSandboxed: isSandboxed))
    }

    /// The stage by which features are shown: that of a run in a sandbox. Each call is decided by that of its own run.
    func shownStage(of agent: AgentName, in policy: PolicySnapshot) -> TrustStage {
        policy.terms(of: agent, trust(of: agent) { true })?.stage ?? .observe
    }

    /// Returns the effective stage outside a sandbox, which is observe for an agent that the policy does not contain.
    package func stage(of agent: AgentName, in policy: PolicySnapshot) -> TrustStage {
        terms(of: agent, in: policy)?.stage ?? .observe
    }

    /// Ends everything that has expired. Called every second.
    package func sweep() async {
        await approvals.expire()
        await approvals.voidDrifted(pins.hasDrifted)
        limits.giveBackParked { approvals[$0]?.state.isFinal ?? true }
        endThrottles()
        sessions.expire(now: clock.now) { owner in runs.known(owner.run) }
        await endRuns()
        endStreamsOfStrangers()
        tellChanges()
        sweepMonitor()
        watchLog()
        ports.results.refresh()
    }

    /// Records a refusal, after `run.start` if it is the run's first record.
    func note(_ record: RecordDraft, under policy: Digest) {
        if let run = record.run { runs.open(run, policy: policy) }
        ledger.note(record)
        observe(denial: record)
    }

    func facts(for principal: Principal, pin: PinnedFeature?, policy: PolicySnapshot)
        -> DecisionFacts
    {
        var facts = DecisionFacts(
            halted: nil, quarantined: pin == nil,
            effectiveStage: .observe, onBehalfOf: principal.onBehalfOf,
            purposeDeclared: principal.purpose != nil,
            elevations: elevations.compiled(under: policy), counters: [:])
        facts.task = policy.task(of: principal)
        let isSandboxed = attested.attests(principal, under: policy)
        let earned = trust(of: principal.agent) { isSandboxed }
        if let terms = policy.terms(of: principal.agent, earned) { facts.put(under: terms) }
        facts.sandboxed = isSandboxed
        return facts
    }

    /// Returns whether the policy lets the agent use this credential from there.
    func admits(_ principal: Principal, of agent: AgentEntry, from workload: Workload) -> Bool {
        if case .user(let user) = workload, hostSessions.has(principal) {
            return agent.hooks?.user?.value == user
        }
        return agent.workloads?.admits(workload, isOfRun: attested.isOfSupervisor(principal))
            ?? true
    }

    /// Returns whether a halt forbids this agent to use this server, whatever the run.
    package func isHalted(_ server: ServerName, for agent: AgentName) -> Bool {
        halts.match(
            agent: agent, owner: policy.owner(of: agent), server: server, tool: nil, run: nil)
            != nil
    }

    /// Returns the halt that stops this agent or, with a run, that run of it, whatever it calls.
    package func halt(of agent: AgentName, run: RunID? = nil) -> OrderID? {
        halts.match(agent: agent, owner: policy.owner(of: agent), server: nil, tool: nil, run: run)
    }

    /// Returns the halt that stops this caller, or this call once its tool is known, by any of the six keys.
    package func halt(of principal: Principal, _ address: ToolAddress? = nil) -> OrderID? {
        halts.match(
            agent: principal.agent, owner: policy.owner(of: principal.agent),
            server: address?.server, tool: address, run: principal.run)
    }
}

/// The settings of the gateway, which the program reads from `interlock.yaml`.
package struct GatewaySettings: Sendable {
    /// The accepted values of Host on the agent plane, without port.
    package var hosts: Set<ExactText> = ["localhost", "127.0.0.1", "[::1]"]
    /// The accepted values of Origin; a request without Origin is accepted.
    package var origins: Set<ExactText> = []
    /// The version of this program, as reported to clients.
    package var version = Product.version
    /// The agent plane as the protected resource of tokens.
    package var resource = ProtectedResource(uri: .local)
    package var bodyLimitBytes = 4 << 20
    package var jsonDepthLimit = 128
    package var upstreamIdleLimit: Duration = .seconds(60)
    package var upstreamHardLimit: Duration = .seconds(600)
    /// The longest time that a response is held open for people's decision.
    package var hold: Duration = .seconds(45)
    /// The same for a caller that sent a progress token.
    package var longHold: Duration = .seconds(240)
    /// The URL of the pages where people decide, without a trailing slash: `https://interlock.example/approvals`; is
    /// nil without a console.
    package var approvalPages: String?
    /// The longest time for each MiB of a result that is not searched at once; after it the result is withheld.
    package var resultSearchLimit: Duration = .milliseconds(250)
    /// The minimum durability of a tool's calls.
    package var durability: [ToolAddress: Durability] = [:]
    package var monitoring = MonitorPlan()
    package var doors = AdmissionLimits()
    /// The longest interval between two records of the log.
    package var beat: Duration = .seconds(10)

    /// The longest time that a call waits for the units of its limits, if their port can wait.
    package var unitsDeadline: Duration = .seconds(2)
    /// The time for which a list waits for servers that are starting.
    package var startPatience: Duration = .zero

    package init() {}
}
