import InterlockModel

/// Links from an agent's page to related pages.
enum AgentLinks {
    static func run(_ run: RunID) -> HTML {
        element(.a, .style(.nowrap), .link(.href, Link("runs", run.text))) { run.text }
    }
}
