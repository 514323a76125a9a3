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
        runs[run] = Hold(agent: agent, step: step, reason: reason, until: until)
    }

    /// A person, the time or the run's end ended it.
    package mutating func end(_ run: RunID) { runs[run] = nil }

    package mutating func open(_ server: ServerName, _ tool: ToolAddress?, until: Timestamp) {
        servers[Server(server: server, tool: tool)] = until
    }

    package mutating func close(_ server: ServerName, _ tool: ToolAddress?) {
        servers[Server(server: server, tool: tool)] = nil
    }

    /// Puts in force what is not over.
    package func restore(to desk: BreakerDesk, at now: Moment) {
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
