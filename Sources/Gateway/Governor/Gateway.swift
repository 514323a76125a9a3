import InterlockApprovals
package import InterlockJSON
import InterlockLedger
package import InterlockLimits
import InterlockMCP
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts

/// What every stage shares: the ports, the state that outlives one call, and the settings.
/// Made once by the program; immutable, its parts are safe from any thread.
package final class Gateway: Sendable {
    package let settings: GatewaySettings
    package let ledger: any Ledger
    /// nil where no witness is configured.
    package let quorum: (any CallQuorum)?
    package let upstreams: any Upstreams
    package let authenticator: any Authenticator
    package let trust: any TrustStages
    package let clock: any Clock
    package let entropy: any Entropy
    package let records: RecordWriter
    package let policy: PolicyHolder
    package let halts: HaltRegistry
    package let inFlight = InFlightTable()
    package let elevations = ElevationRegistry()
    package let pins: PinRegistry
    package let runs: RunRegistry
    package let sessions: SessionRegistry
    package let approvals: any CallApprovals
    package let input: InputRequestService
    package let limits: LimitService
    package let breakers: CircuitBreakerService
    package let counters = Counters()
    package let tally = CallTally()
    package let stageTimes = StageTimes()
    package let callTimes = CallTimes()
    let watch = ListChangeNotifier()
    package let resources = ResourceSubscriptionRegistry()
    package let index = IndexProgress()
    let contexts = ContextBudget()
    let requests: RequestRateLimiter
    let failures: SourceRateLimiter
    let flights: ConcurrencyLimiter
    let lists: AgentRateLimiter
    let discovers: AgentRateLimiter
    let completions: AgentRateLimiter
    package let workloads = WorkloadBindings()
    let blockAlarms = BlockedCallAlerts()
    package let monitor: AgentMonitorService
    let ladder: any SignalLadder
    package let logWatch: LogGrowthMonitor
    package let storeWatch: StoreMonitor
    package let heartbeats = Heartbeats()
    /// Figures of alarms and channels, for `/metrics`.
    package let alarmBoard = AlertMetrics()
    /// One line for whoever reads stderr.
    package let log: @Sendable (LogLine) -> Void
    let alarmed: AlertRaiser.AlertListener

    package init(
        settings: GatewaySettings, log: @escaping @Sendable (LogLine) -> Void, ledger: any Ledger,
        upstreams: any Upstreams,
        authenticator: any Authenticator, trust: any TrustStages, clock: any Clock,
        entropy: any Entropy, records: RecordWriter, policy: PolicyHolder, halts: HaltRegistry,
        pins: PinRegistry, runs: RunRegistry, sessions: SessionRegistry,
        approvals: any CallApprovals,
        input: InputRequestService, limits: LimitService,
        breakers: CircuitBreakerService = CircuitBreakerService(),
        quorum: (any CallQuorum)? = nil,
        alarmed: @escaping AlertRaiser.AlertListener = { _ in },
        ladder: any SignalLadder = NoLadder()
    ) {
        self.settings = settings
        self.log = log
        self.ledger = ledger
        self.upstreams = upstreams
        self.authenticator = authenticator
        self.trust = trust
        self.clock = clock
        self.entropy = entropy
        self.records = records
        self.policy = policy
        self.halts = halts
        self.pins = pins
        self.runs = runs
        self.sessions = sessions
        self.approvals = approvals
        self.input = input
        self.limits = limits
        self.breakers = breakers
        self.quorum = quorum
        self.alarmed = alarmed
        self.ladder = ladder
        monitor = AgentMonitorService(settings.monitoring)
        requests = RequestRateLimiter(settings.doors)
        failures = SourceRateLimiter(settings.doors.failures)
        flights = ConcurrencyLimiter(settings.doors)
        lists = AgentRateLimiter(settings.doors.lists)
        discovers = AgentRateLimiter(settings.doors.discovers)
        completions = AgentRateLimiter(settings.doors.completions)
        logWatch = LogGrowthMonitor(beat: settings.beat)
        storeWatch = StoreMonitor(beat: settings.beat)
    }

    package func newID<Tag>() -> Identifier<Tag> {
        Identifier(milliseconds: clock.wall.milliseconds, random: entropy.bytes(10))
    }

    /// The effective stage: the lower of the file's stage and what the trust record allows; while no
    /// revision was ever signed off, at most `supervised`.
    package func stage(of agent: AgentName, in policy: PolicySnapshot) -> TrustStage {
        let stage = min(policy.agents[agent]?.stage ?? .observe, trust.stage(of: agent).word)
        return self.policy.isFounding ? min(stage, .supervised) : stage
    }

    /// Once a second: what has lapsed ends.
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
    }

    /// Records what was refused, after `run.start` where it is the run's first record.
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
            effectiveStage: stage(of: principal.agent, in: policy),
            onBehalfOf: principal.onBehalfOf, purposeDeclared: principal.purpose != nil,
            elevations: elevations.compiled(under: policy), counters: [:])
        facts.quotaPercent = trust.stage(of: principal.agent).quotaPercent
        return facts
    }

    /// Whether nothing is done at this server for this agent, whatever the run.
    package func isHalted(_ server: ServerName, for agent: AgentName) -> Bool {
        halts.match(
            agent: agent, owner: policy.owner(of: agent), server: server, tool: nil, run: nil)
            != nil
    }

    /// The halt that stops this caller, or this call once its tool is known, by any of the six keys.
    package func halt(of principal: Principal, _ address: ToolAddress? = nil) -> OrderID? {
        halts.match(
            agent: principal.agent, owner: policy.owner(of: principal.agent),
            server: address?.server, tool: address, run: principal.run)
    }
}

/// How the gateway runs; the program fills it from `interlock.yaml`.
package struct GatewaySettings: Sendable {
    /// Accepted values of Host on the agent plane, without port.
    package var hosts: Set<ExactText> = ["localhost", "127.0.0.1", "[::1]"]
    /// Accepted values of Origin; a request without one passes.
    package var origins: Set<ExactText> = []
    /// Of this program, as told to clients.
    package var version = "0.1.0"
    /// The agent plane as tokens know it.
    package var resource = ProtectedResource(uri: .local)
    package var bodyLimitBytes = 4 << 20
    package var jsonDepthLimit = 128
    package var upstreamIdleLimit: Duration = .seconds(60)
    package var upstreamHardLimit: Duration = .seconds(600)
    /// How long a response is kept open for people to decide.
    package var hold: Duration = .seconds(45)
    /// The same for a caller that sent a progress token.
    package var longHold: Duration = .seconds(240)
    /// Where people decide in a browser, without a slash at the end: `https://interlock.example/approvals`;
    /// nil without a console.
    package var approvalPages: String?
    /// The strength that a tool's calls have at least.
    package var durability: [ToolAddress: Durability] = [:]
    package var monitoring = MonitorPlan()
    package var doors = AdmissionLimits()
    /// How often the log grows at least.
    package var beat: Duration = .seconds(10)

    package init() {}
}

/// How far an agent is trusted, 0 to 3 (specs of trust and review). Read on the call path, from memory.
package protocol TrustStages: Sendable {
    func stage(of agent: AgentName) -> TrustStageAssignment
}

package struct TrustStageAssignment: Sendable, Hashable {
    package let number: Int
    /// - Returns: nil outside 0...3.
    package init?(_ number: Int) {
        guard (0...3).contains(number) else { return nil }
        self.number = number
    }
    package static let lowest = TrustStageAssignment(number: 0)
    private init(number: Int) { self.number = number }

    /// How much it has of each limit of the policy.
    package var quotaPercent: Int64 { Int64(number + 1) * 25 }

    /// 0 and 1 are `supervised`, 2 and 3 `trusted`.
    package var word: TrustStage { number < 2 ? .supervised : .trusted }
}
