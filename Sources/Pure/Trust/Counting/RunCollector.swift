import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// Follows a log record by record and collects the runs of agents. Memory is bounded by the runs since the last change
/// that reset the credit of their agent, and those that were open at one.
package struct RunCollector: Sendable {
    /// The history of one agent in the log.
    package struct Agent: Sendable {
        /// The runs that began since the last reset, in the order of the log.
        package fileprivate(set) var runs: [RunFacts] = []
        /// Denials of the agent that no run is stated for.
        package fileprivate(set) var denialsOutsideRuns: [Digest] = []
        /// The runs with one of these denials, whose start is not in the log.
        fileprivate var unknownRuns: Set<ExactText> = []
        package fileprivate(set) var incidents: [TrustIncident] = []
        /// The last change that reset or halved the credit; nil without one.
        package fileprivate(set) var lastChange: RecordedChange?
        /// The servers that the policy lets the agent use.
        fileprivate let servers: Set<ServerName>
        fileprivate var policy: Digest?
        /// The files of the last run; nil before the first run.
        fileprivate var files: RunFiles?
        fileprivate var locks: [ServerName: Digest] = [:]

        fileprivate init(_ servers: Set<ServerName>) { self.servers = servers }
    }

    /// The digest of the files that a run starts with; nil outside a sandbox, where they are not known.
    fileprivate struct RunFiles: Sendable, Hashable {
        let digest: Digest?
    }

    private struct RunPosition {
        let agent: AgentName
        let index: Int
    }

    private struct EarlierRun {
        let agent: AgentName
        let facts: RunFacts
    }

    private enum SubjectOfAlarm {
        case run(ExactText)
        /// The runs of an agent that were open at a position of the log.
        case openRuns(AgentName, at: Int)
    }

    package private(set) var agents: [AgentName: Agent]
    /// The time of the first record; nil before it.
    private var begin: Timestamp?
    /// True if nothing of the node's history came before the log.
    package private(set) var isWhole = false
    private var places: [ExactText: RunPosition] = [:]
    /// The runs that were open at the last reset of their agent. One with a later record is among the runs again.
    private var earlier: [ExactText: EarlierRun] = [:]
    /// The number of records before the current one.
    private var position = 0
    /// The people that each open request for approval needs.
    private var needs: [ExactText: Int64] = [:]
    /// The drills that passed, by the time of their first record.
    private var drills: [ExactText: Timestamp] = [:]
    /// The newest drill of the kill switch that passed and that a person signed; nil without one.
    package private(set) var lastDrill: Timestamp?
    /// The runs that each alarm is about.
    private var alarms: [ExactText: SubjectOfAlarm] = [:]

    /// - Parameter agents: the agents to follow, with the servers that the policy lets each one use.
    package init(_ agents: [AgentName: Set<ServerName>]) {
        self.agents = agents.mapValues { Agent($0) }
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
        case .killDrill: drill(record)
        case .alarmRaised: alarm(record)
        case .alarmDisposed:
            if ["attack", "fault"].contains(record.text("as") ?? "fault") {
                flaw(alarmOf: record, .alarm, hash)
            }
        case .incidentOpened: incident(record, hash)
        case .policyLoaded: loaded(record, hash, &source)
        case .pinAccepted: pinned(record, hash)
        default: break
        }
    }
}

// Runs and their calls.
extension RunCollector {
    private mutating func start(
        _ record: StoredRecord, _ hash: Digest, _ source: inout some RunSource
    ) {
        guard let run = record.text("run"), let time = record.time,
            let agent = record.text("agent").flatMap({ AgentName($0) }), agents[agent] != nil,
            places[run] == nil, earlier[run] == nil
        else { return }
        let policy = record.digest("pol")
        take(policy, of: agent, hash, time, &source)
        let files = RunFiles(digest: record.digest("fp"))
        if let before = agents[agent]?.files, before != files {
            change(.files, of: agent, hash, time)
        }
        agents[agent]?.files = files
        var facts = RunFacts(run: run, day: time.day.daysSince1970, start: hash)
        facts.records = 1
        facts.began = position
        if record.text("kind") == "eval" { facts.exclude(.eval) }
        places[run] = RunPosition(agent: agent, index: agents[agent]?.runs.count ?? 0)
        agents[agent]?.runs.append(facts)
    }

    private mutating func end(_ record: StoredRecord, _ hash: Digest) {
        let position = position
        // Records of the run on other nodes are in their logs, which are not read.
        let isElsewhere = record["att"]?.array?.isEmpty == false
        let isUnknown = record.text("code") == "unknown"
        edit(record.text("run")) { facts in
            facts.end = hash
            facts.ended = position
            if isUnknown { facts.excludeUnknownEnd() }
            if isElsewhere || record["cnt"]?.integer != facts.records {
                facts.flaws.append(RunFlaw(.recordCount, hash))
            }
        }
    }

    /// Counts a record of a chain. The first one is counted by the start of its run.
    private mutating func count(_ record: StoredRecord) {
        edit(record.text("run")) { $0.records += 1 }
    }

    private mutating func name(_ record: StoredRecord, _ source: inout some RunSource) {
        guard let run = record.text("run"), let place = places[run],
            agents[place.agent]?.runs[place.index].hasNamedTemplate == false
        else { return }
        let task = source.task(of: place.agent, in: record)
        edit(run) { facts in
            facts.hasNamedTemplate = true
            facts.template = task
        }
    }

    private mutating func ended(_ record: StoredRecord) {
        let intent = record.digest("intent")
        let isLate = record["late"]?.bool == true
        let hasResult = record.text("st") == "ok"
        edit(record.text("run")) { facts in
            if hasResult { facts.hasCall = true }
            if isLate {
                facts.flaws.removeAll { $0.kind == .unknownOutcome && $0.leaf == intent }
            }
        }
    }

    private mutating func check(_ record: StoredRecord) {
        guard let found = record.text("as").flatMap({ OutcomeFinding(rawValue: $0) }),
            found != .stillUnknown, let intent = record.digest("intent")
        else { return }
        edit(record.text("ofrun")) { facts in
            facts.flaws.removeAll { $0.kind == .unknownOutcome && $0.leaf == intent }
        }
    }

    private mutating func denied(
        _ record: StoredRecord, _ hash: Digest, _ source: inout some RunSource
    ) {
        let code = record.text("code")
        let isObserved = code == "policy.observe" || code == "policy.incomplete"
        guard let run = record.text("run"), places[run] != nil else {
            if !isObserved, let agent = record.text("agent").flatMap({ AgentName($0) }) {
                denied(outside: agent, record.text("run"), hash)
            }
            return
        }
        if record["in"] != nil { name(record, &source) }
        edit(run) { facts in
            if isObserved {
                facts.exclude(.observe)
            } else {
                facts.flaws.append(RunFlaw(.denial, hash))
            }
        }
    }

    /// - Parameter run: a run whose start is not here, which counts once; nil for a summary.
    private mutating func denied(outside agent: AgentName, _ run: String?, _ hash: Digest) {
        if let run, agents[agent]?.unknownRuns.insert(run).inserted == false { return }
        agents[agent]?.denialsOutsideRuns.append(hash)
    }

    private mutating func approval(_ type: RecordType, _ record: StoredRecord, _ hash: Digest) {
        guard let run = record.text("run"), places[run] != nil,
            let request = record.text("appr")
        else { return }
        switch type {
        case .approvalRequested, .approvalReissued: needs[request] = record["need"]?.integer
        case .approvalGranted:
            guard let need = needs[request], let vote = record["i"]?.integer, vote >= need else {
                return
            }
            needs[request] = nil
            // The word of an MCP client is no decision of a person.
            if record.text("via") != "client" { edit(run) { $0.granted += 1 } }
        case .approvalDenied:
            needs[request] = nil
            edit(run) { facts in
                facts.rejections.append(hash)
                facts.flaws.append(RunFlaw(.rejectedApproval, hash))
            }
        case .approvalBreakGlass: edit(run) { $0.exclude(.breakGlass) }
        default: needs[request] = nil
        }
    }

    private mutating func flaw(_ record: StoredRecord, _ kind: RunFlaw.Kind, _ leaf: Digest) {
        flaw(record.text("run"), kind, leaf)
    }

    private mutating func flaw(_ run: String?, _ kind: RunFlaw.Kind, _ leaf: Digest) {
        edit(run) { $0.flaws.append(RunFlaw(kind, leaf)) }
    }

    private mutating func edit(_ run: String?, _ body: (inout RunFacts) -> Void) {
        guard let run else { return }
        if let old = earlier.removeValue(forKey: run) {
            places[run] = RunPosition(
                agent: old.agent, index: agents[old.agent]?.runs.count ?? 0)
            agents[old.agent]?.runs.append(old.facts)
        }
        guard let place = places[run], var agent = agents.removeValue(forKey: place.agent)
        else { return }
        body(&agent.runs[place.index])
        agents[place.agent] = agent
    }
}

// Events that come from outside of a run: halts, alarms, incidents, policies and pins.
extension RunCollector {
    /// Returns the runs of an agent that were open at a position.
    private func openRuns(of agent: AgentName, at position: Int) -> [ExactText] {
        (agents[agent]?.runs ?? [])
            .filter { $0.began < position && ($0.ended.map { $0 > position } ?? true) }
            .map { ExactText($0.run) }
    }

    private mutating func kill(_ record: StoredRecord, _ hash: Digest) {
        guard let target = record.text("target") else { return }
        switch record.text("scope") {
        case "run": flaw(target, .kill, hash)
        case "agent":
            guard let agent = AgentName(target) else { return }
            for run in openRuns(of: agent, at: position) { flaw(run.text, .kill, hash) }
        default: break
        }
    }

    /// A signature later than the drill does not make the drill newer.
    private mutating func drill(_ record: StoredRecord) {
        guard record["passed"]?.bool == true, let drill = record.text("req"),
            let time = record.time
        else { return }
        let first = drills[drill] ?? time
        drills[drill] = first
        if record["by"] != nil { lastDrill = max(first, lastDrill ?? first) }
    }

    private mutating func alarm(_ record: StoredRecord) {
        guard let alarm = record.text("alarm") else { return }
        if let run = record.text("ofrun") ?? record.text("run") {
            if places[run] != nil { alarms[alarm] = .run(ExactText(run)) }
        } else if let agent = record.text("agent").flatMap({ AgentName($0) }),
            agents[agent] != nil
        {
            alarms[alarm] = .openRuns(agent, at: position)
        }
    }

    private mutating func flaw(
        alarmOf record: StoredRecord, _ kind: RunFlaw.Kind, _ leaf: Digest
    ) {
        guard let alarm = record.text("alarm"), let subject = alarms[alarm] else { return }
        switch subject {
        case .run(let run): flaw(run.text, kind, leaf)
        case .openRuns(let agent, at: let position):
            for run in openRuns(of: agent, at: position) { flaw(run.text, kind, leaf) }
        }
    }

    private mutating func incident(_ record: StoredRecord, _ hash: Digest) {
        guard let severity = record["sev"]?.integer, let time = record.time else { return }
        if severity <= 2 { flaw(alarmOf: record, .incident, hash) }
        guard let agent = record.text("agent").flatMap({ AgentName($0) }) else { return }
        agents[agent]?.incidents.append(
            TrustIncident(severity: Int(severity), time: time, leaf: hash))
    }

    private mutating func loaded(
        _ record: StoredRecord, _ hash: Digest, _ source: inout some RunSource
    ) {
        guard record.text("why") != "drill", let time = record.time else { return }
        let policy = record.digest("pol")
        for name in agents.keys.sorted() { take(policy, of: name, hash, time, &source) }
    }

    /// Takes the policy that an agent is under from here on.
    private mutating func take(
        _ policy: Digest?, of name: AgentName, _ hash: Digest, _ time: Timestamp,
        _ source: inout some RunSource
    ) {
        if let before = agents[name]?.policy, before != policy {
            let kind = source.change(of: name, from: before, to: policy)
            change(kind, of: name, hash, time)
        }
        agents[name]?.policy = policy
    }

    /// Each server is new at a start of the gateway: its pins changed if the lock did.
    private mutating func pinned(_ record: StoredRecord, _ hash: Digest) {
        guard let server = record.text("srv").flatMap({ ServerName($0) }), let time = record.time
        else { return }
        let lock = record.digest("lock")
        let state = record.text("st")
        for name in agents.keys.sorted() {
            guard agents[name]?.servers.contains(server) == true else { continue }
            let before = agents[name]?.locks[server]
            agents[name]?.locks[server] = lock
            switch state {
            case "gone": change(.toolRemoved, of: name, hash, time)
            case "new":
                // The first start on record has no credit to lose.
                if before != lock, agents[name]?.runs.isEmpty == false {
                    change(.pinChanged, of: name, hash, time)
                }
            default: change(.pinChanged, of: name, hash, time)
            }
        }
    }

    private mutating func change(
        _ change: FingerprintChange, of name: AgentName, _ hash: Digest, _ time: Timestamp
    ) {
        guard var agent = agents.removeValue(forKey: name) else { return }
        switch change.effect {
        case .kept: break
        case .halved:
            for index in agent.runs.indices { agent.runs[index].halvings += 1 }
            agent.lastChange = RecordedChange(change: change, leaf: hash, time: time)
        case .reset:
            for run in agent.runs {
                places.removeValue(forKey: run.run)
                guard let later = run.afterReset else { continue }
                earlier[run.run] = EarlierRun(agent: name, facts: later)
            }
            agent.runs = []
            agent.denialsOutsideRuns = []
            agent.unknownRuns = []
            agent.lastChange = RecordedChange(change: change, leaf: hash, time: time)
        }
        agents[name] = agent
    }
}
