import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// Follows a log record by record and collects the runs of agents. Memory is bounded by the runs since the last change
/// that reset the credit of their agent, and those that were open at one.
package struct RunCollector: Sendable {
    /// The history of one agent in the log.
    package struct Agent: Sendable {
        /// The runs that began since the last reset, in the order of the log.
        package internal(set) var runs: [RunFacts] = []
        /// Denials of the agent that no run is stated for.
        package internal(set) var denialsOutsideRuns: [Digest] = []
        /// The runs whose start is not in the log, each with its first denial.
        var unknownRuns: [ExactText: Digest] = [:]
        /// The first denials of such runs that had further ones: no cause of the first one excuses those.
        var repeatedDenials: Set<Digest> = []
        /// The causes of denials that people stated, the latest of each.
        package internal(set) var classifications: [Digest: RecordedCause] = [:]
        /// The stage by the records of it.
        package internal(set) var stage = LoggedStage()
        /// The ends of the exceptions from the change gate.
        var exceptions: [Timestamp] = []
        /// The cumulative sum of denials since the last alarm or change of stage.
        package internal(set) var cusum: DenialCusum
        /// The alarms of the sum, the newest `mostAlarms`.
        package internal(set) var denialAlarms: [DenialAlarm] = []
        /// All alarms of the sum.
        package internal(set) var denialAlarmCount = 0
        package internal(set) var incidents: [TrustIncident] = []
        /// The last confirmation of ownership; nil without one.
        package internal(set) var confirmation: OwnerConfirmation?
        /// The last change that reset or halved the credit; nil without one.
        package internal(set) var lastChange: RecordedChange?
        var policy: Digest?
        /// The files of the last run; nil before the first run.
        var files: RunFiles?
        /// The start of the last run.
        var lastStart: StoredRecord?
        /// The model of the last run that states one; nil before it.
        var model: ExactText?
        var locks: [ServerName: Digest] = [:]

        package static let mostAlarms = 100

        init(_ cusum: DenialCusum) { self.cusum = cusum }

        /// The causes of denials by leaf hash, as counts take them.
        package var causes: [Digest: DenialCause] {
            classifications.filter { !repeatedDenials.contains($0.key) }.mapValues(\.cause)
        }
    }

    /// The digest of the files that a run starts with; nil outside a sandbox, where they are not known.
    struct RunFiles: Sendable, Hashable {
        let digest: Digest?
    }

    struct RunPosition {
        let agent: AgentName
        let index: Int
    }

    struct EarlierRun {
        let agent: AgentName
        let facts: RunFacts
    }

    enum SubjectOfAlarm {
        case run(ExactText)
        /// The runs of an agent that were open at a position of the log.
        case openRuns(AgentName, at: Int)
    }

    package internal(set) var agents: [AgentName: Agent]
    /// The agents, sorted.
    let names: [AgentName]
    /// The agents that the policy lets use a server, sorted.
    private(set) var users: [ServerName: [AgentName]] = [:]
    /// The time of the first record; nil before it.
    var begin: Timestamp?
    /// True if nothing of the node's history came before the log.
    package internal(set) var isWhole = false
    var places: [ExactText: RunPosition] = [:]
    /// The runs that were open at the last reset of their agent. One with a later record is among the runs again.
    var earlier: [ExactText: EarlierRun] = [:]
    /// The number of records before the current one.
    var position = 0
    /// The index of the first record in the log.
    let first: UInt64
    /// The people that each open request for approval needs.
    var needs: [ExactText: Int64] = [:]
    /// The drills that passed, by the time of their first record.
    var drills: [ExactText: Timestamp] = [:]
    /// The newest drill of the kill switch that passed and that a person signed; nil without one.
    package internal(set) var lastDrill: Timestamp?
    /// The leaf hash of the record of its signature.
    package internal(set) var lastDrillLeaf: Digest?
    /// The runs that each alarm is about.
    var alarms: [ExactText: SubjectOfAlarm] = [:]

    /// The criteria whose rates the sums of denials expect.
    let criteria: TrustCriteria
    /// The demotions whose records may be missing, the latest first.
    var demotions: [(agent: AgentName, at: Timestamp)]
    /// The time after which the demotions of an agent take no credit, because undoing them is considered.
    let undone: [AgentName: Timestamp]

    /// - Parameters:
    ///   - agents: the agents to follow, with the servers that the policy lets each one use.
    ///   - demotions: the time of the last demotion of an agent, if another source than the log has it. The process may
    ///     have died after the demotion was stored and before its record was durable.
    ///   - undone: the time after which the demotions of an agent take no credit.
    ///   - first: the index of the first record that is added, in the log.
    package init(
        _ agents: [AgentName: Set<ServerName>], under criteria: TrustCriteria = .standard,
        demotions: [AgentName: Timestamp] = [:], undone: [AgentName: Timestamp] = [:],
        first: UInt64 = 0
    ) {
        self.criteria = criteria
        self.first = first
        self.undone = undone
        self.demotions = demotions.map { (agent: $0.key, at: $0.value) }
            .filter { one in undone[one.agent].map { one.at <= $0 } ?? true }
            .sorted { ($1.at, $1.agent) < ($0.at, $0.agent) }
        self.agents = agents.mapValues { _ in
            Agent(DenialCusum(at: .gated, under: criteria))
        }
        names = agents.keys.sorted()
        for name in names {
            for server in agents[name] ?? [] { users[server, default: []].append(name) }
        }
    }

    /// Returns true if the records reach back to a time, or to the beginning of all.
    package func reaches(back time: Timestamp) -> Bool {
        isWhole || begin.map { $0 <= time } ?? false
    }

    /// Takes the next record.
    ///
    /// - Parameter source: reads the sealed parts of records, and compares policies.
    package mutating func add(
        _ record: StoredRecord, hash: Digest, from source: inout some RunSource
    ) {
        if begin == nil { begin = record.time }
        defer { position += 1 }
        while let next = demotions.last, let time = record.time, next.at <= time {
            demotions.removeLast()
            change(.demoted, of: next.agent, hash, next.at)
        }
        guard let type = RecordType(rawValue: record.type) else { return }
        if record["rs"] != nil { count(record) }
        switch type {
        case .logGenesis: isWhole = record["from"] == nil
        case .runStart: start(record, hash, &source)
        case .runEnd: end(record, hash)
        case .callIntent: name(record, &source)
        case .callOutcome: ended(record)
        case .callUnknown: flaw(record, .unknownOutcome, record.digest("intent") ?? hash)
        case .outcomeChecked: check(record)
        case .callDenied: denied(record, hash, &source)
        case .approvalRequested, .approvalReissued, .approvalGranted, .approvalDenied,
            .approvalExpired, .approvalWithdrawn, .approvalVoid, .approvalBreakGlass:
            approval(type, record, hash)
        case .responseThrottle, .responsePause:
            if record.text("code") != "person" { flaw(record, .breaker, hash) }
        case .hookBypassed: flaw(record, .bypass, hash)
        case .hookSilent: flaw(record.text("ofrun"), .bypass, hash)
        case .killRequested: kill(record, hash)
        case .killDrill: drill(record, hash)
        case .alarmRaised: alarm(record)
        case .alarmDisposed:
            if ["attack", "fault"].contains(record.text("as") ?? "fault") {
                flaw(alarmOf: record, .alarm, hash)
            }
        case .incidentOpened: incident(record, hash)
        case .trustClassified: classified(record, hash)
        case .evalExcepted, .trustExcepted: excepted(record)
        case .hookSession, .netConnect: model(record, type, hash)
        case .trustPromoted, .trustDemoted, .trustDelegated: staged(record, hash)
        case .ownerConfirmed: confirmed(record, hash)
        case .policyLoaded: loaded(record, hash, &source)
        case .pinAccepted: pinned(record, hash)
        default: break
        }
    }
}
