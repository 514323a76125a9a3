import InterlockJSON
package import InterlockLimits
package import InterlockModel

/// The breakers that still hold according to the log: runs throttled or paused without an end, and servers whose
/// breaker is open or half-open.
package struct LoggedHolds: Sendable {
    /// A hold with the wall-clock time of its end; `until` is nil for a pause.
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
    /// The end of each opening; a breaker whose opening has ended is half-open.
    private var servers: [Server: Timestamp] = [:]

    package init() {}

    package mutating func hold(
        _ run: RunID, _ agent: AgentName, _ step: BreakerTrip.Step, _ reason: String,
        until: Timestamp?
    ) {
        // Records of one moment may be out of order: only a person or the run's end ends a pause.
        guard runs[run]?.step != .pause || step == .pause else { return }
        runs[run] = Hold(agent: agent, step: step, reason: reason, until: until)
    }

    /// Ends a hold by a person, by time or by the run's end.
    ///
    /// - Parameter byTime: if true, a pause is not ended.
    package mutating func end(_ run: RunID, byTime: Bool = false) {
        guard !byTime || runs[run]?.step != .pause else { return }
        runs[run] = nil
    }

    package mutating func open(_ server: ServerName, _ tool: ToolAddress?, until: Timestamp) {
        servers[Server(server: server, tool: tool)] = until
    }

    /// Lets single calls try before the opening has ended, by a person's decision.
    package mutating func halfOpen(_ server: ServerName, _ tool: ToolAddress?) {
        servers[Server(server: server, tool: tool)] = Timestamp(microseconds: 0)
    }

    package mutating func close(_ server: ServerName, _ tool: ToolAddress?) {
        servers[Server(server: server, tool: tool)] = nil
    }

    /// Applies the holds that have not ended.
    package func restore(to service: CircuitBreakerService, at now: ClockReading) {
        func boot(_ time: Timestamp) -> BootTime { now.boot + (time - now.wall) }
        service.recall(
            runs.compactMap { run, hold in
                if let until = hold.until, until <= now.wall { return nil }
                return HeldRun(
                    run: run, agent: hold.agent, step: hold.step, reason: hold.reason,
                    until: hold.until.map(boot))
            }, at: now.boot)
        for (key, until) in servers {
            service.recall(open: key.server, key.tool, until: boot(until), at: now.boot)
        }
    }
}

extension LoggedHolds {
    /// The items of a snapshot.
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

    /// - Returns: false if the item has another form.
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
