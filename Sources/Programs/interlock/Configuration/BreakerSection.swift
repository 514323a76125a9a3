import InterlockLimits

extension Configuration {
    struct BreakerSettings: Sendable {
        var agents = AgentBreakerSettings()
        var upstreams = UpstreamBreakerSettings()
    }
}

extension Section {
    private typealias OfAgents = AgentBreakerSettings.Bounds
    private typealias OfServers = UpstreamBreakerSettings.Bounds

    /// Every value has bounds: no breaker can be turned off (docs/specs/limits-and-monitoring.md, sections 7, 8 and
    /// 14).
    static let breakers = Section(
        "breakers", "what stops a loop of an agent, and calls to a server that fails",
        [
            .group(
                "upstream",
                [
                    .trip(
                        "failures", \.breakers.upstreams.failures, OfServers.failures,
                        "failures in a row"),
                    .share(
                        "ratio", \.breakers.upstreams.percent, OfServers.percent,
                        "failed calls of all in the window"),
                    .trip(
                        "of", \.breakers.upstreams.calls, OfServers.calls,
                        "fewer calls in the window say nothing"),
                    .duration(
                        "window", \.breakers.upstreams.window, OfServers.windowSeconds,
                        "how far back calls count"),
                    .duration(
                        "open", \.breakers.upstreams.open, OfServers.openSeconds,
                        "how long nothing is sent; doubled each time"),
                    .duration(
                        "open_max", \.breakers.upstreams.longest, OfServers.openSeconds,
                        "the longest of those times"),
                    .tools(
                        "count_is_error", \.breakers.upstreams.countsErrors,
                        "tools whose own errors are failures of the server"),
                ], "when a server or tool is not called for a while"),
            .group(
                "agent",
                [
                    .repeats(
                        "same_write", \.breakers.agents.sameWrite, OfAgents.sameWrite,
                        "the same call of a tool that changes something"),
                    .repeats(
                        "same_read", \.breakers.agents.sameRead, OfAgents.sameRead,
                        "the same read with the same result"),
                    .repeats(
                        "same_any", \.breakers.agents.sameAny, OfAgents.sameAny,
                        "the same call, whatever it does"),
                    .trip(
                        "cycles", \.breakers.agents.cycles, OfAgents.cycles,
                        "full rounds of two or three calls"),
                    .trip(
                        "denials", \.breakers.agents.denials, OfAgents.denials,
                        "denials in a row"),
                    .trip(
                        "denials_minute", \.breakers.agents.denialsMinute,
                        OfAgents.denialsMinute, "denials in a minute"),
                    .repeats(
                        "variants", \.breakers.agents.variants, OfAgents.variants,
                        "a denied call again with one argument changed"),
                    .trip(
                        "refusals", \.breakers.agents.refusals, OfAgents.refusals,
                        "requests of a run that people refused"),
                ], "when a run's calls come one by one, and at the second time not at all"),
            .group(
                "run",
                [
                    .trip(
                        "calls", \.breakers.agents.calls, OfAgents.calls, "calls of one run"),
                    .duration(
                        "wall", \.breakers.agents.wall, OfAgents.wallSeconds,
                        "from a run's first call"),
                    .polls(
                        "poll", \.breakers.agents.poll,
                        "tools that may be asked so often while nothing changes"),
                ], "how long a run may go on"),
        ])
}
