import InterlockJSON
import InterlockLedger
import InterlockModel

// Runs and their calls.
extension RunCollector {
    mutating func start(
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
            let kind = filesChange(of: agent, record, before, files, &source)
            change(kind, of: agent, hash, time)
        }
        agents[agent]?.files = files
        agents[agent]?.lastStart = record
        var facts = RunFacts(run: run, day: time.day.daysSince1970, start: hash)
        facts.records = 1
        facts.began = position
        if record.text("kind") == "eval" { facts.exclude(.eval) }
        if isExcepted(agent, at: time) { facts.exclude(.exception) }
        places[run] = RunPosition(agent: agent, index: agents[agent]?.runs.count ?? 0)
        agents[agent]?.runs.append(facts)
    }

    mutating func end(_ record: StoredRecord, _ hash: Digest) {
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
        addToSum(record.text("run"), hash, record.time, isDenied: false)
    }

    /// Counts a record of a chain. The first one is counted by the start of its run.
    mutating func count(_ record: StoredRecord) {
        edit(record.text("run")) { $0.records += 1 }
    }

    mutating func name(_ record: StoredRecord, _ source: inout some RunSource) {
        guard let run = record.text("run"), let place = places[run],
            agents[place.agent]?.runs[place.index].hasNamedTemplate == false
        else { return }
        let task = source.task(of: place.agent, in: record)
        edit(run) { facts in
            facts.hasNamedTemplate = true
            facts.template = task
        }
    }

    mutating func ended(_ record: StoredRecord) {
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

    mutating func check(_ record: StoredRecord) {
        guard let found = record.text("as").flatMap({ OutcomeFinding(rawValue: $0) }),
            found != .stillUnknown, let intent = record.digest("intent")
        else { return }
        edit(record.text("ofrun")) { facts in
            facts.flaws.removeAll { $0.kind == .unknownOutcome && $0.leaf == intent }
        }
    }

    mutating func denied(
        _ record: StoredRecord, _ hash: Digest, _ source: inout some RunSource
    ) {
        let kind = DenialKind(code: record.text("code"))
        guard let run = record.text("run"), places[run] != nil else {
            if kind == .counted, let agent = record.text("agent").flatMap({ AgentName($0) }) {
                denied(outside: agent, record.text("run"), hash, record.time)
            }
            return
        }
        if record["in"] != nil { name(record, &source) }
        edit(run) { facts in
            switch kind {
            case .observed: facts.exclude(.observe)
            case .counted: facts.flaws.append(RunFlaw(.denial, hash))
            case .waiting, .gated: break
            }
        }
        if kind == .counted { addToSum(run, hash, record.time, isDenied: true) }
    }

    /// - Parameter run: a run whose start is not here, which counts once; nil for a summary.
    mutating func denied(
        outside agent: AgentName, _ run: String?, _ hash: Digest, _ time: Timestamp?
    ) {
        if let run {
            if let first = agents[agent]?.unknownRuns[run] {
                agents[agent]?.repeatedDenials.insert(first)
                return
            }
            agents[agent]?.unknownRuns[run] = hash
        }
        agents[agent]?.denialsOutsideRuns.append(hash)
        addToSum(of: agent, hash, time, isDenied: true)
    }

    mutating func approval(_ type: RecordType, _ record: StoredRecord, _ hash: Digest) {
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

    mutating func flaw(_ record: StoredRecord, _ kind: RunFlaw.Kind, _ leaf: Digest) {
        flaw(record.text("run"), kind, leaf)
    }

    mutating func flaw(_ run: String?, _ kind: RunFlaw.Kind, _ leaf: Digest) {
        edit(run) { $0.flaws.append(RunFlaw(kind, leaf)) }
    }

    mutating func edit(_ run: String?, _ body: (inout RunFacts) -> Void) {
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
