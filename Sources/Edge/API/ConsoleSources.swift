package import InterlockAdministration
package import InterlockApprovals
package import InterlockChangeGate
package import InterlockChangeReview
package import InterlockEvidence
package import InterlockHookDecisions
package import InterlockIncidents
package import InterlockModel
package import InterlockPromotions
import InterlockReview
package import InterlockReviews
package import InterlockSandboxes
package import InterlockTrust
package import InterlockTrustQueries

/// The data sources of all pages except approvals; nil if the console runs without that part of a gateway. Each source
/// decides by the visibility of the person what it shows.
package struct ConsoleSources: Sendable {
    package var visibility: @Sendable (Person) -> Visibility
    /// True on a node of a cluster, which refuses what it alone would learn of.
    package var isOfCluster = false
    package var status: (any StatusQueries)?
    package var drills: DrillService?
    package var elevations: ElevationService?
    package var policy: (any PolicyQueries)?
    package var signOffs: (any SignOffActions)?
    package var agents: (any AgentQueries)?
    package var evals: (any EvalQueries)?
    package var trust: (any TrustQueries)?
    package var readiness: (any ReadinessReader)?
    package var servers: (any ServerAdministration)?
    package var records: (any RecordQueries)?
    package var runs: (any RunQueries)?
    package var hosts: (any HostQueries)?
    package var runOrders: RunControlService?
    package var alarms: (any AlertTriage)?
    package var incidents: IncidentService?
    package var limits: (any LimitQueries)?
    package var taint: RunTaintQueryService?
    package var load: (any ApproverLoadQueries)?
    package var tasks: (any InboxTasks)?
    package var outcomes: (any OutcomeChecks)?
    package var denials: DenialClassificationService?
    /// The operations of promotions are served at the local socket alone.
    package var promotions: PromotionService?
    /// The promotions that people sign on pages.
    package var promotionActions: (any PromotionActions)?
    /// Returns the exceptions that raise an agent's stage now, from memory.
    package var stageExceptions: (@Sendable () -> [StageException])?
    /// The operations of reviews are served at the local socket alone.
    package var reviews: ReviewService?
    package var reviewQueries: (any ReviewQueries)?
    /// The steps of a review that people take on pages.
    package var reviewActions: (any ReviewActions)?
    package var search: (any SearchQueries)?
    package var simulations: (any SimulationQueries)?
    package var changes: ChangeReviewService?
    /// The operations of merge checks are served at the local socket alone, but for the report of reviewers.
    package var merges: MergeCheckService?
    /// The operation of installers is served at the local socket alone.
    package var hooks: HookInstallationService?
    /// The operations of supervisors are served at the local socket alone.
    package var sandboxes: SandboxService?
    /// The time zones that people can choose, read from memory: pages of halts ask for one too; nil if there is UTC alone.
    package var zones: (any ZoneSource)?
    /// Returns the passage by which a run became hostile, from memory or the log; nil if it is not kept. Callers must
    /// check who may read it.
    package var passages: @Sendable (RunID) async -> MarkedPassage?

    /// - Parameter sight: by default a person sees nothing.
    package init(
        visibility: @escaping @Sendable (Person) -> Visibility = {
            Visibility(person: $0, roles: [], own: [])
        },
        status: (any StatusQueries)? = nil, drills: DrillService? = nil,
        elevations: ElevationService? = nil,
        policy: (any PolicyQueries)? = nil, signOffs: (any SignOffActions)? = nil,
        agents: (any AgentQueries)? = nil, evals: (any EvalQueries)? = nil,
        trust: (any TrustQueries)? = nil, readiness: (any ReadinessReader)? = nil,
        servers: (any ServerAdministration)? = nil, records: (any RecordQueries)? = nil,
        runs: (any RunQueries)? = nil, hosts: (any HostQueries)? = nil,
        runOrders: RunControlService? = nil,
        alarms: (any AlertTriage)? = nil, incidents: IncidentService? = nil,
        limits: (any LimitQueries)? = nil, load: (any ApproverLoadQueries)? = nil,
        tasks: (any InboxTasks)? = nil, outcomes: (any OutcomeChecks)? = nil,
        search: (any SearchQueries)? = nil, simulations: (any SimulationQueries)? = nil,
        zones: (any ZoneSource)? = nil, sandboxes: SandboxService? = nil,
        changes: ChangeReviewService? = nil, merges: MergeCheckService? = nil,
        hooks: HookInstallationService? = nil, taint: RunTaintQueryService? = nil,
        denials: DenialClassificationService? = nil, promotions: PromotionService? = nil,
        promotionActions: (any PromotionActions)? = nil,
        stageExceptions: (@Sendable () -> [StageException])? = nil,
        reviews: ReviewService? = nil, reviewQueries: (any ReviewQueries)? = nil,
        reviewActions: (any ReviewActions)? = nil,
        passages: @escaping @Sendable (RunID) async -> MarkedPassage? = { _ in nil }
    ) {
        self.visibility = visibility
        self.status = status
        self.drills = drills
        self.elevations = elevations
        self.policy = policy
        self.signOffs = signOffs
        self.agents = agents
        self.evals = evals
        self.trust = trust
        self.readiness = readiness
        self.servers = servers
        self.records = records
        self.runs = runs
        self.hosts = hosts
        self.runOrders = runOrders
        self.alarms = alarms
        self.incidents = incidents
        self.limits = limits
        self.load = load
        self.tasks = tasks
        self.outcomes = outcomes
        self.search = search
        self.simulations = simulations
        self.zones = zones
        self.sandboxes = sandboxes
        self.changes = changes
        self.merges = merges
        self.hooks = hooks
        self.taint = taint
        self.denials = denials
        self.promotions = promotions
        self.promotionActions = promotionActions
        self.stageExceptions = stageExceptions
        self.reviews = reviews
        self.reviewQueries = reviewQueries
        self.reviewActions = reviewActions
        self.passages = passages
    }
}

extension ConsoleSources {
    /// The tasks that the person may see, in no particular order.
    package func tasks(of session: PersonSession) -> [InboxTask] {
        let viewer = InboxViewer(
            person: session.person, pseudonym: session.pseudonym,
            visibility: visibility(session.person))
        let found =
            (tasks?.tasks(for: viewer) ?? []) + (changes?.tasks(for: viewer) ?? [])
            + (promotionActions?.tasks(for: viewer) ?? [])
            + (reviewActions?.tasks(for: viewer) ?? [])
        return dated(found, viewer) + (reviewQueries?.findingTasks(for: viewer) ?? [])
    }

    /// Gives alerts about reviews the date that holds, and leaves out those after which people signed.
    private func dated(_ tasks: [InboxTask], _ viewer: InboxViewer) -> [InboxTask] {
        guard let reviewQueries, tasks.contains(where: { $0.isOfReview }) else { return tasks }
        return tasks.compactMap { task -> InboxTask? in
            guard task.isOfReview,
                let review = reviewQueries.summary(of: task.agent, for: viewer.visibility)
            else { return task }
            if review.step == .current, let signed = review.signed, signed > task.since {
                return nil
            }
            var dated = task
            dated.due = review.due
            return dated
        }
    }
}
