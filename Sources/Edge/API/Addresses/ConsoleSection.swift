package import InterlockMarkup

/// The sections of the console, in the order of the navigation.
package enum ConsoleSection: String, CaseIterable {
    case approvals, now, agents, runs, alerts, halt, audit, policy, evals, servers, hosts,
        people, health

    package var title: String {
        switch self {
        case .approvals: "Inbox"
        case .now: "Overview"
        case .halt: "Kill switch"
        default: rawValue.prefix(1).uppercased() + rawValue.dropFirst()
        }
    }

    package var icon: Icon {
        switch self {
        case .approvals: .inbox
        case .now: .overview
        case .agents: .agent
        case .runs: .run
        case .alerts: .alert
        case .halt: .stop
        case .audit: .audit
        case .policy: .policy
        case .evals: .eval
        case .servers: .server
        case .hosts: .host
        case .people: .person
        case .health: .health
        }
    }

    package var link: Link { Link(rawValue) }
}
