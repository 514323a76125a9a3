import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// The checks of the gateway's parts: each with its state, the reason for it, the age of its evidence, and a link to where
/// its details are.
struct HealthTable {
    let checks: [HealthCheck]
    /// The time from which ages are counted.
    let at: Timestamp
    /// The sections that are available; a part whose section is not has no link.
    let sections: Set<Page.Section>
    /// True if each line also has the remedy and the time of the check.
    var isWhole = false

    var html: HTML {
        Table(
            Shape.count(checks.count, "check"),
            [.name("Part"), .state("State"), .text("Why"), .time("Checked")]
                + (isWhole ? [.text("Remedy")] : []), checks, isBroad: isWhole
        ) { check in
            [
                name(of: check), Self.badge(of: check.state), .own(check.words), age(of: check),
            ] + (isWhole ? [check.remedy.map(Self.remedy) ?? .text("–")] : [])
        }.html
    }

    private func name(of check: HealthCheck) -> HTML {
        let name = Self.name(of: check)
        guard let section = Self.section(of: check.part), sections.contains(section),
            !isWhole || section != .health
        else { return .text(name) }
        return hyperlink(section.link) { name }
    }

    private func age(of check: HealthCheck) -> HTML {
        guard let age = check.age else { return .text("never") }
        return Shape.time(at - age)
    }

    /// A remedy: words of this program, with commands between backticks.
    static func remedy(_ text: String) -> HTML {
        .group(
            text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map {
                place, part in
                place.isMultiple(of: 2)
                    ? .text(String(part)) : element(.code) { String(part) }
            })
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
        case .clock: "Clock"
        }
    }

    /// The section with the details of a part; nil if only its check says more.
    private static func section(of part: HealthCheck.Part) -> Page.Section? {
        switch part {
        case .policy: .policy
        case .log: .audit
        case .killSwitch: .halt
        case .limits: .agents
        case .servers: .servers
        case .notifications: .alerts
        case .store, .witnesses, .clock: .health
        }
    }

    private static func badge(of state: HealthCheck.State) -> HTML {
        switch state {
        case .working: InterlockMarkup.badge("Working", .good)
        case .attention: InterlockMarkup.badge("Attention", .warning)
        case .problem: InterlockMarkup.badge("Problem", .bad)
        case .unknown: InterlockMarkup.badge("Unknown", .unknown)
        case .notSetUp: InterlockMarkup.badge("Not set up")
        }
    }
}
