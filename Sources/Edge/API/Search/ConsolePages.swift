import InterlockMarkup

/// The pages that a search finds by their titles.
enum ConsolePages {
    /// A page, with the section that must be available.
    static let all: [(title: String, section: ConsoleSection, link: Link)] =
        ConsoleSection.allCases.map { ($0.title, $0, $0.link) } + [
            ("Policy matrix", .policy, PolicyRoute.matrix.link),
            ("Policy rules", .policy, PolicyRoute.rules.link),
            ("Policy findings", .policy, PolicyRoute.findings.link),
            ("Policy of agents", .policy, PolicyRoute.agents.link),
            ("Readiness", .agents, Link("ready")),
            ("Reviews", .agents, AgentsRoute.reviews.link),
            ("Merge checks", .audit, MergesRoute.list.link),
            ("Approver workload", .people, PeopleRoute.workload.link),
        ]
}
