import InterlockModel
import InterlockMonitoring
import InterlockPorts

/// The monitoring state of all agents; a value that the service locks.
struct MonitorState {
    private struct Agent {
        var monitor: AgentMonitor
        var budget: AlertBudget
        /// The time of the last alert that it acts outside its hours.
        var outside: BootTime?
        /// True if the agent was active since its baselines were stored.
        var isUnkept = false
    }
    private var agents: [AgentName: Agent] = [:]
    /// The agents by the second of a minute in which they are swept, so that no call waits for a sweep of thousands.
    private(set) var seconds = [[AgentName]](repeating: [], count: 60)
    var swept: Int64?
    var uses = FirstUseDetector()
    var runs = LongRunMonitor()

    mutating func startOver(_ series: MonitoredSeries, of name: AgentName) {
        agents[name]?.monitor.startOver(series)
    }

    /// Changes an agent's monitor in place; an unknown agent is added.
    mutating func count(
        _ name: AgentName, _ plan: MonitorPlan, _ now: ClockReading,
        _ body: (inout AgentMonitor) -> Void
    ) {
        guard let place = agents.index(forKey: name) ?? begin(name, plan, now) else { return }
        agents.values[place].isUnkept = true
        body(&agents.values[place].monitor)
    }

    /// - Returns: nil if `mostAgents` is reached.
    private mutating func begin(
        _ name: AgentName, _ plan: MonitorPlan, _ now: ClockReading
    ) -> Dictionary<AgentName, Agent>.Index? {
        guard agents.count < AgentMonitorService.mostAgents else { return nil }
        let place = agents.count % 60
        seconds[place].append(name)
        agents[name] = Agent(
            monitor: AgentMonitor(plan.detectors, seconds: Self.shifted(now.boot, place)),
            budget: AlertBudget(perWeek: plan.detectors.alarmsPerWeek))
        return agents.index(forKey: name)
    }

    /// - Returns: false if the baseline cannot be read.
    mutating func restore(_ kept: StoredBaseline, _ plan: MonitorPlan, _ now: ClockReading) -> Bool
    {
        var isRead = true
        count(kept.agent, plan, now) { monitor in
            do throws(MonitorUnreadable) { try monitor.restore(kept.learned) } catch {
                isRead = false
            }
        }
        agents[kept.agent]?.isUnkept = false
        return isRead
    }

    /// - Parameters:
    ///   - place: the second in which the agents are swept, or nil for all.
    ///   - slice: the position among each five of them, or nil for all.
    mutating func takeUnkept(place: Int?, slice: Int?) -> [StoredBaseline] {
        var kept: [StoredBaseline] = []
        for one in place.map({ [$0] }) ?? Array(seconds.indices) {
            for (index, name) in seconds[one].enumerated()
            where slice == nil || index % Int(AgentMonitorService.keepMinutes) == slice {
                guard let agent = agents[name], agent.isUnkept else { continue }
                agents[name]!.isUnkept = false
                kept.append(StoredBaseline(agent: name, learned: agent.monitor.learned))
            }
        }
        return kept
    }

    mutating func giveBack(_ names: [AgentName]) {
        for name in names { agents[name]?.isUnkept = true }
    }

    /// Returns the seconds of a clock whose minutes begin in this agent's second.
    private static func shifted(_ boot: BootTime, _ place: Int) -> Int64 {
        boot.microseconds / 1_000_000 + 60 - Int64(place)
    }

    mutating func close(
        _ name: AgentName, _ place: Int, isHeld: Bool, at now: ClockReading
    ) -> [AgentMonitorService.Detection] {
        guard agents[name] != nil else { return [] }
        let alarms = agents[name]!.monitor.close(
            seconds: Self.shifted(now.boot, place), hour: now.wall.seconds / 3_600, isHeld: isHeld)
        return alarms.map { alarm in
            let verdict = agents[name]!.budget.take(seconds: now.boot.microseconds / 1_000_000)
            return .learned(alarm, name, verdict)
        }
    }

    mutating func isNews(outside name: AgentName, _ now: ClockReading) -> Bool {
        if let last = agents[name]?.outside, now.boot < last + AgentMonitorService.interval {
            return false
        }
        agents[name]?.outside = now.boot
        return agents[name] != nil
    }

    /// Reports only the broadest new use among server, tool and shape of arguments: a first use of a server implies
    /// those below it.
    mutating func firstUses(
        _ call: AgentMonitorService.ObservedCall, _ traits: ArgumentTraits
    ) -> [AgentMonitorService.Detection] {
        let (agent, tool) = (call.agent, call.address)
        var found: [AgentMonitorService.Detection] = []
        func note(_ signal: WatchedSignal, _ detail: String? = nil) {
            found.append(.signal(signal, agent, call.run, tool: tool, detail: detail))
        }
        // The first observed call of an agent is not reported as a first use.
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
            // There are no earlier uses to compare with.
        } else if isServer {
            note(.firstServer)
        } else if isTool {
            note(.firstTool)
        } else if isShape {
            note(.firstShape)
        }
        // One alert covers all hosts of a call, so that people are not flooded.
        let hosts = traits.hosts.filter { host in
            uses.isFirst(.firstHost, of: agent, hash: host.hashValue) { host }
        }
        if let first = hosts.first {
            note(.firstHost, hosts.count > 1 ? "\(first) and \(hosts.count - 1) more" : first)
        }
        let recipients = traits.recipients.filter { recipient in
            uses.isFirst(.firstRecipient, of: agent, hash: recipient.hashValue) { recipient }
        }
        if !recipients.isEmpty { note(.firstRecipient) }
        return found
    }
}
