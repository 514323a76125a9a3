import InterlockAdministration

/// The checks of the gateway's parts, each with its state and the reason for it.
struct HealthTable {
    let checks: [HealthCheck]

    var html: HTML {
        Table("Each part, with what is known of it", ["Part", "State", "Why"], checks) { check in
            [.text(Self.name(of: check)), Self.badge(of: check.state), .safe(check.words)]
        }.html
    }

    static func name(of check: HealthCheck) -> String {
        switch check.part {
        case .policy: "Policy"
        case .log: "Log"
        case .store: "Store"
        case .killSwitch: "Kill switch"
        case .limits: "Limits"
        case .servers: "Servers"
        case .notifications: "Notifications"
        case .witnesses: "Witnesses"
        }
    }

    private static func badge(of state: HealthCheck.State) -> HTML {
        switch state {
        case .working: InterlockConsole.badge("Working", .good)
        case .attention: InterlockConsole.badge("Attention", .warning)
        case .problem: InterlockConsole.badge("Problem", .bad)
        case .unknown: InterlockConsole.badge("Not known")
        }
    }
}
