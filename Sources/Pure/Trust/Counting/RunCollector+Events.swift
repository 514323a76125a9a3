import InterlockJSON
import InterlockLedger
import InterlockModel

// Events that come from outside of a run: halts, alarms, incidents, policies and pins.
extension RunCollector {
    /// Returns the runs of an agent that were open at a position.
    func openRuns(of agent: AgentName, at position: Int) -> [ExactText] {
        (agents[agent]?.runs ?? [])
            .filter { $0.began < position && ($0.ended.map { $0 > position } ?? true) }
            .map { ExactText($0.run) }
    }

    mutating func kill(_ record: StoredRecord, _ hash: Digest) {
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
    mutating func drill(_ record: StoredRecord, _ hash: Digest) {
        guard record["passed"]?.bool == true, let drill = record.text("req"),
            let time = record.time
        else { return }
        let first = drills[drill] ?? time
        drills[drill] = first
        guard record["by"] != nil, lastDrill.map({ $0 < first }) ?? true else { return }
        lastDrill = first
        lastDrillLeaf = hash
    }

    mutating func confirmed(_ record: StoredRecord, _ hash: Digest) {
        guard let agent = record.text("agent").flatMap({ AgentName($0) }), let time = record.time,
            let signers = record["signers"]?.array, signers.count == 1,
            let owner = signers[0].string
        else { return }
        agents[agent]?.confirmation = OwnerConfirmation(owner: owner, time: time, leaf: hash)
    }

    mutating func alarm(_ record: StoredRecord) {
        guard let alarm = record.text("alarm") else { return }
        if let run = record.text("ofrun") ?? record.text("run") {
            if places[run] != nil { alarms[alarm] = .run(ExactText(run)) }
        } else if let agent = record.text("agent").flatMap({ AgentName($0) }),
            agents[agent] != nil
        {
            alarms[alarm] = .openRuns(agent, at: position)
        }
    }

    mutating func flaw(
        alarmOf record: StoredRecord, _ kind: RunFlaw.Kind, _ leaf: Digest
    ) {
        guard let alarm = record.text("alarm"), let subject = alarms[alarm] else { return }
        switch subject {
        case .run(let run): flaw(run.text, kind, leaf)
        case .openRuns(let agent, at: let position):
            for run in openRuns(of: agent, at: position) { flaw(run.text, kind, leaf) }
        }
    }

    private func agent(of run: String) -> AgentName? { places[run]?.agent ?? earlier[run]?.agent }

    /// A run that the record states with another agent is not its subject; without one, the subject of its alarm is.
    mutating func incident(_ record: StoredRecord, _ hash: Digest) {
        guard let severity = record["sev"]?.integer, let time = record.time else { return }
        if severity <= 2 {
            if let run = record.text("ofrun"), let name = record.text("agent") {
                if let agent = AgentName(name), agent == self.agent(of: run) {
                    flaw(run, .incident, hash)
                }
            } else {
                flaw(alarmOf: record, .incident, hash)
            }
        }
        guard let agent = record.text("agent").flatMap({ AgentName($0) }) else { return }
        agents[agent]?.incidents.append(
            TrustIncident(severity: Int(severity), time: time, leaf: hash))
    }

    mutating func loaded(
        _ record: StoredRecord, _ hash: Digest, _ source: inout some RunSource
    ) {
        guard record.text("why") != "drill", let time = record.time else { return }
        let policy = record.digest("pol")
        for name in names { take(policy, of: name, hash, time, &source) }
    }

    /// Takes the policy that an agent is under from here on.
    mutating func take(
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
    mutating func pinned(_ record: StoredRecord, _ hash: Digest) {
        guard let server = record.text("srv").flatMap({ ServerName($0) }), let time = record.time
        else { return }
        let lock = record.digest("lock")
        let state = record.text("st")
        for name in users[server] ?? [] {
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

    /// The change between the files of an agent's last run and those of the next one.
    func filesChange(
        of agent: AgentName, _ record: StoredRecord, _ old: RunFiles, _ new: RunFiles,
        _ source: inout some RunSource
    ) -> FingerprintChange {
        guard old.digest != nil, new.digest != nil, let last = agents[agent]?.lastStart else {
            return .files
        }
        return source.filesChange(from: last, to: record)
    }

    /// Takes the model of a run. A sandboxed run may ask several: the first one is its own. A session of a coding agent
    /// says when its model changes; its subagents may have others.
    mutating func model(_ record: StoredRecord, _ type: RecordType, _ hash: Digest) {
        guard record["sub"] == nil, let name = record.text("model"), let run = record.text("run"),
            let time = record.time,
            let place = places[run], let facts = agents[place.agent]?.runs[place.index],
            !facts.exclusions.contains(.eval), type == .hookSession || !facts.hasModel
        else { return }
        edit(run) { $0.hasModel = true }
        let model = ExactText(name)
        let before = agents[place.agent]?.model
        agents[place.agent]?.model = model
        if let before, before != model { change(.model, of: place.agent, hash, time) }
    }

    mutating func change(
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
            agent.unknownRuns = [:]
            agent.repeatedDenials = []
            agent.classifications = [:]
            agent.lastChange = RecordedChange(change: change, leaf: hash, time: time)
        }
        agents[name] = agent
    }
}
