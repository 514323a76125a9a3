import InterlockModel
import InterlockMonitoring

/// What the desk remembers of agents; a value, locked by the desk.
struct MonitorState {
    private struct Agent {
        var monitor: AgentMonitor
        var budget: AlarmBudget
        /// When it was last said that it acts outside its hours.
        var outside: BootTime?
    }
    private var agents: [AgentName: Agent] = [:]
    /// Who is looked at in which second of a minute, so that no call waits for thousands of them.
    private(set) var seconds = [[AgentName]](repeating: [], count: 60)
    var swept: Int64?
    var uses = FirstUses()
    var runs = RunWatch()

    mutating func startOver(_ series: MonitoredSeries, of name: AgentName) {
        agents[name]?.monitor.startOver(series)
    }

    /// In place; an agent that is not known yet is from here on.
    mutating func count(
        _ name: AgentName, _ plan: MonitorPlan, _ now: Moment, _ body: (inout AgentMonitor) -> Void
    ) {
        if agents[name] == nil {
            guard agents.count < MonitorDesk.mostAgents else { return }
            let place = agents.count % 60
            seconds[place].append(name)
            agents[name] = Agent(
                monitor: AgentMonitor(
                    plan.detectors, seconds: Self.shifted(now.boot, place)),
                budget: AlarmBudget(perWeek: plan.detectors.alarmsPerWeek))
        }
        if agents[name] != nil { body(&agents[name]!.monitor) }
    }

    /// Of a clock whose minutes begin in this agent's second.
    private static func shifted(_ boot: BootTime, _ place: Int) -> Int64 {
        boot.microseconds / 1_000_000 + 60 - Int64(place)
    }

    mutating func close(
        _ name: AgentName, _ place: Int, isHeld: Bool, at now: Moment
    ) -> [MonitorDesk.Finding] {
        guard agents[name] != nil else { return [] }
        let alarms = agents[name]!.monitor.close(
            seconds: Self.shifted(now.boot, place), hour: now.wall.seconds / 3_600, isHeld: isHeld)
        return alarms.map { alarm in
            let verdict = agents[name]!.budget.take(seconds: now.boot.microseconds / 1_000_000)
            return .learned(alarm, name, verdict)
        }
    }

    mutating func isNews(outside name: AgentName, _ now: Moment) -> Bool {
        if let last = agents[name]?.outside, now.boot < last + MonitorDesk.interval {
            return false
        }
        agents[name]?.outside = now.boot
        return agents[name] != nil
    }

    /// Of a server, its tool and the shape of its arguments the widest alone: the first of one is the first of all
    /// below it.
    mutating func firstUses(
        _ call: MonitorDesk.SeenCall, _ traits: ArgumentTraits
    ) -> [MonitorDesk.Finding] {
        let (agent, tool) = (call.agent, call.address)
        var found: [MonitorDesk.Finding] = []
        func note(_ signal: WatchedSignal, _ detail: String? = nil) {
            found.append(.signal(signal, agent, call.run, tool: tool, detail: detail))
        }
        // The first call that is ever seen of an agent is no news about it.
        let isNew = uses.isFirst(.firstServer, of: agent, hash: agent.hashValue) { "" }
        let server = tool.server.text
        let isServer = uses.isFirst(.firstServer, of: agent, hash: server.hashValue) { server }
        let isTool = uses.isFirst(.firstTool, of: agent, hash: tool.hashValue) { tool.wireName }
        var hasher = Hasher()
        hasher.combine(tool)
        hasher.combine(traits.shape)
        let isShape = uses.isFirst(.firstShape, of: agent, hash: hasher.finalize()) {
            "\(tool.wireName) \(ArgumentTraits.shapeText(call.arguments))"
        }
        if isNew {
            // Nothing to compare with.
        } else if isServer {
            note(.firstServer)
        } else if isTool {
            note(.firstTool)
        } else if isShape {
            note(.firstShape)
        }
        for host in traits.hosts
        where uses.isFirst(.firstHost, of: agent, hash: host.hashValue, { host }) {
            note(.firstHost, host)
        }
        for recipient in traits.recipients
        where uses.isFirst(.firstRecipient, of: agent, hash: recipient.hashValue, { recipient }) {
            note(.firstRecipient)
        }
        return found
    }
}
