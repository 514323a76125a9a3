import InterlockModel

/// Ways from an agent to what else there is of it.
enum AgentLinks {
    static func run(_ run: RunID) -> HTML {
        element(.a, .style(.nowrap), .link(.href, Link("runs", run.text))) { run.text }
    }
}
