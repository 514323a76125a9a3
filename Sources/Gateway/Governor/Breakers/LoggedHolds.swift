import InterlockJSON
package import InterlockLimits
package import InterlockModel

/// What the log has of breakers that still hold: runs slowed down or paused without an end, servers not called.
package struct LoggedHolds: Sendable {
    /// With the time on the wall at which it ends; nil of a pause.
    private struct Hold {
        let agent: AgentName
        let step: BreakerTrip.Step
        let reason: String
        let until: Timestamp?
    }
    private struct Server: Hashable {
        let server: ServerName
        let tool: ToolAddress?
    }
    private var runs: [RunID: Hold] = [:]
    private var servers: [Server: Timestamp] = [:]

    package init() {}

    package mutating func hold(
        _ run: RunID, _ agent: AgentName, _ step: BreakerTrip.Step, _ reason: String,
        until: Timestamp?
    ) {
        // Records of one moment may come in another order: nothing short of a person or the end ends a pause.
        guard runs[run]?.step != .pause || step == .pause else { return }
        runs[run] = Hold(agent: agent, step: step, reason: reason, until: until)
    }

    /// A person, the time or the run's end ended it.
    ///
    /// - Parameter byTime: then a pause stands.
    package mutating func end(_ run: RunID, byTime: Bool = false) {
        guard !byTime || runs[run]?.step != .pause else { return }
        runs[run] = nil
    }

    package mutating func open(_ server: ServerName, _ tool: ToolAddress?, until: Timestamp) {
        servers[Server(server: server, tool: tool)] = until
    }

    package mutating func close(_ server: ServerName, _ tool: ToolAddress?) {
        servers[Server(server: server, tool: tool)] = nil
    }

    /// Puts in force what is not over.
    package func restore(to desk: CircuitBreakerService, at now: ClockReading) {
        func boot(_ time: Timestamp) -> BootTime { now.boot + (time - now.wall) }
        desk.recall(
            runs.compactMap { run, hold in
                if let until = hold.until, until <= now.wall { return nil }
                return HeldRun(
                    run: run, agent: hold.agent, step: hold.step, reason: hold.reason,
                    until: hold.until.map(boot))
            }, at: now.boot)
        for (key, until) in servers where until > now.wall {
            desk.recall(open: key.server, key.tool, until: boot(until), at: now.boot)
        }
    }
}

extension LoggedHolds {
    /// As a snapshot keeps them.
    var items: [JSONValue] {
        runs.map { run, hold in
            var item: JSONObject = [
                "run": .string(run.text), "agent": .string(hold.agent.text),
                "step": .string(hold.step.rawValue), "why": .string(hold.reason.leafText),
            ]
            item["until"] = hold.until.map { .integer($0.microseconds) }
            return .object(item)
        }
            + servers.map { key, until in
                var item: JSONObject = [
                    "server": .string(key.server.text), "until": .integer(until.microseconds),
                ]
                item["tool"] = key.tool.map { .string($0.wireName) }
                return .object(item)
            }
    }

    /// - Returns: false for what is none of those.
    mutating func take(_ item: JSONValue) -> Bool {
        let until = item["until"]?.integer.map { Timestamp(microseconds: $0) }
        if let server = item["server"]?.string {
            guard let server = ServerName(server), let until else { return false }
            let tool = item["tool"]?.string.flatMap { ToolAddress(itemWireName: $0) }
            guard (item["tool"] == nil) == (tool == nil) else { return false }
            open(server, tool, until: until)
            return true
        }
        guard let run = item["run"]?.string.flatMap({ RunID($0) }),
            let agent = item["agent"]?.string.flatMap({ AgentName($0) }),
            let step = item["step"]?.string.flatMap({ BreakerTrip.Step(rawValue: $0) }),
            let reason = item["why"]?.string
        else { return false }
        hold(run, agent, step, reason, until: until)
        return true
    }
}
