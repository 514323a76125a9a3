import InterlockLimits
package import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// The world as the gateway sees it.
package struct GatewayPorts: Sendable {
    package let ledger: any Ledger
    /// The cosignature quorum, or nil if no witness is configured.
    package let quorum: (any CallQuorum)?
    package let upstreams: any Upstreams
    package let authenticator: any Authenticator
    package let trust: any TrustStages
    /// Judges whether results of evals cover an agent.
    package let evals: any ChangeGate
    package let clock: any Clock
    package let entropy: any Entropy
    /// Searches what agents get from servers.
    package let results: any ResultInspector
    /// The digest of the rules of `results`, as in records.
    var resultRules: String { results.rulesText }
    /// A keyed digest, the same after a restart, by which equal values that were replaced stay equal within a run.
    let redactionDigest: @Sendable ([UInt8]) -> Digest
    /// Writes one line for operators to stderr.
    package let log: @Sendable (LogLine) -> Void
    let alertListener: AlertRaiser.AlertListener
    let ladder: any SignalLadder
    let processes: any PeerProcesses
    /// The reviews of agents that people signed, and those that are overdue.
    let reviews: any AgentReviews
    /// The node of a cluster that this gateway is, or nil.
    package let node: (any NodePermission)?
    /// Decides which node of a cluster serves a run; nil on a node that is alone.
    let placement: (any RunPlacement)?

    package init(
        ledger: any Ledger, upstreams: any Upstreams, authenticator: any Authenticator,
        trust: any TrustStages, evals: any ChangeGate, clock: any Clock,
        entropy: any Entropy, results: any ResultInspector,
        redactionDigest: @escaping @Sendable ([UInt8]) -> Digest,
        quorum: (any CallQuorum)? = nil, log: @escaping @Sendable (LogLine) -> Void = { _ in },
        alertListener: @escaping AlertRaiser.AlertListener = { _ in },
        ladder: any SignalLadder = NoLadder(),
        processes: any PeerProcesses = UnknownPeerProcesses(),
        reviews: any AgentReviews = NoReviews(), node: (any NodePermission)? = nil,
        placement: (any RunPlacement)? = nil
    ) {
        self.ledger = ledger
        self.quorum = quorum
        self.upstreams = upstreams
        self.authenticator = authenticator
        self.trust = trust
        self.evals = evals
        self.clock = clock
        self.entropy = entropy
        self.results = results
        self.redactionDigest = redactionDigest
        self.log = log
        self.alertListener = alertListener
        self.ladder = ladder
        self.processes = processes
        self.reviews = reviews
        self.node = node
        self.placement = placement
    }
}

/// The state that decides about a call, and that administration replaces or ends.
package struct CallState: Sendable {
    let policy: PolicyHolder
    let halts: HaltRegistry
    let pins: PinRegistry
    let runs: RunRegistry
    let sessions: SessionRegistry

    package init(
        policy: PolicyHolder, halts: HaltRegistry, pins: PinRegistry, runs: RunRegistry,
        sessions: SessionRegistry
    ) {
        self.policy = policy
        self.halts = halts
        self.pins = pins
        self.runs = runs
        self.sessions = sessions
    }
}

/// The rates of requests, and the number of calls under way, that the gateway admits.
struct AdmissionLimiters: Sendable {
    let requests: RequestRateLimiter
    let failures: SourceRateLimiter
    /// Users at the socket of hooks whom no agent names: one record of each in a while.
    let strangers = SourceRateLimiter(.perHour(1))
    let flights: ConcurrencyLimiter
    let lists: AgentRateLimiter
    let discovers: AgentRateLimiter
    let completions: AgentRateLimiter
    /// Answers and arguments that are searched, or wait for it, on the thread of the search.
    let searches = ShareLimiter<AgentName>(most: Self.mostSearches)

    /// The most searches of one agent that are under way or wait, those of all its runs. A further one is `busy`.
    static let mostSearches = 4

    init(_ limits: AdmissionLimits) {
        requests = RequestRateLimiter(limits)
        failures = SourceRateLimiter(limits.failures)
        flights = ConcurrencyLimiter(limits)
        lists = AgentRateLimiter(limits.lists)
        discovers = AgentRateLimiter(limits.discovers)
        completions = AgentRateLimiter(limits.completions)
    }
}

/// The monitors of the agents and of the gateway itself.
package struct GatewayMonitors: Sendable {
    package let agents: AgentMonitorService
    package let log: LogGrowthMonitor
    package let store: StoreMonitor
    package let heartbeats = Heartbeats()

    init(_ settings: GatewaySettings) {
        agents = AgentMonitorService(settings.monitoring)
        log = LogGrowthMonitor(beat: settings.beat)
        store = StoreMonitor(beat: settings.beat)
    }
}

/// The figures for `/metrics`.
package struct GatewayFigures: Sendable {
    package let counters = Counters()
    package let tally = CallTally()
    package let stageTimes = StageTimes()
    package let callTimes = CallTimes()
    /// Figures of alerts and channels.
    package let alerts = AlertMetrics()
}
