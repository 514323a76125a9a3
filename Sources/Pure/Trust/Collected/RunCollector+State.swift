import InterlockJSON
import InterlockModel

extension RunCollector {
    /// Appends everything that a collector knows but the agents, servers and criteria that it was made with. Equal
    /// collectors have equal bytes.
    ///
    /// - Precondition: it was made without demotions and without times after which demotions take no credit.
    func append(to state: inout StateWriter) {
        precondition(demotions.isEmpty && undone.isEmpty, "a cache of other runs than the log's")
        state.add(first)
        state.add(position)
        state.add(isWhole)
        state.add(begin) { $0.add($1) }
        state.add(each: names) { state, name in
            var section = StateWriter()
            agents[name]?.append(to: &section)
            state.add(name.text)
            state.add(bytes: section.bytes)
        }
        state.add(each: earlier.sorted { $0.key < $1.key }) { state, run in
            state.add(run.value.agent.text)
            run.value.facts.append(to: &state)
        }
        state.add(each: needs.sorted { $0.key < $1.key }) { state, need in
            state.add(need.key.text)
            state.add(need.value)
        }
        state.add(each: drills.sorted { $0.key < $1.key }) { state, drill in
            state.add(drill.key.text)
            state.add(drill.value)
        }
        state.add(lastDrill) { $0.add($1) }
        state.add(lastDrillLeaf) { $0.add($1) }
        state.add(each: alarms.sorted { $0.key < $1.key }) { state, alarm in
            state.add(alarm.key.text)
            alarm.value.append(to: &state)
        }
    }

    /// Restores the runs of some of the agents that the bytes are about.
    ///
    /// - Parameter agents: those, with the servers that the policy lets each one use.
    /// - Throws: `missingAgent` if the bytes do not have one of them.
    init(
        _ state: inout StateReader, of agents: [AgentName: Set<ServerName>],
        under criteria: TrustCriteria
    ) throws(CollectedRunsFault) {
        self.init(agents, under: criteria, first: try state.unsigned())
        position = try state.number()
        isWhole = try state.flag()
        begin = try state.optionalTime()
        var missing = Set(agents.keys)
        for _ in try 0..<state.count() {
            let name = try state.agent()
            var section = try state.section()
            guard missing.remove(name) != nil else { continue }
            let agent = try Agent(&section)
            guard section.isAtEnd else { throw .malformed }
            take(agent, of: name)
        }
        guard missing.isEmpty else { throw .missingAgent }
        for _ in try 0..<state.count() {
            let agent = try state.agent()
            let facts = try RunFacts(&state)
            guard agents[agent] != nil else { continue }
            earlier[facts.run] = EarlierRun(agent: agent, facts: facts)
        }
        for _ in try 0..<state.count() {
            let request = try state.text()
            needs[request] = try state.integer()
        }
        for _ in try 0..<state.count() {
            let drill = try state.text()
            drills[drill] = try state.time()
        }
        lastDrill = try state.optionalTime()
        lastDrillLeaf = try state.optionalDigest()
        for _ in try 0..<state.count() {
            let alarm = try state.text()
            alarms[alarm] = try SubjectOfAlarm(&state)
        }
    }

    private mutating func take(_ agent: Agent, of name: AgentName) {
        for (index, run) in agent.runs.enumerated() {
            places[run.run] = RunPosition(agent: name, index: index)
        }
        agents[name] = agent
    }
}

extension RunCollector.SubjectOfAlarm {
    fileprivate func append(to state: inout StateWriter) {
        switch self {
        case .run(let run):
            state.add(true)
            state.add(run.text)
        case .openRuns(let agent, at: let position):
            state.add(false)
            state.add(agent.text)
            state.add(position)
        }
    }

    fileprivate init(_ state: inout StateReader) throws(CollectedRunsFault) {
        if try state.flag() {
            self = .run(ExactText(try state.text()))
        } else {
            self = .openRuns(try state.agent(), at: try state.number())
        }
    }
}
