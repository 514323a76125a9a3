import InterlockAdministration
import InterlockModel

/// `/health`: whether every part works, and what makes the gateway less safe, each with its remedy.
struct HealthPage {
    let health: GatewayHealth
    let sections: Set<Page.Section>

    private enum Part: Int { case summary, parts, weak }

    @HTMLBuilder var content: [HTML] {
        element(.h1) { "Health" }
        summary
        liveCard(Self.anchor(.parts), "Parts") {
            HealthTable(
                checks: health.checks, at: health.at, sections: sections, isWhole: true
            ).html
        }
        liveCard(Self.anchor(.weak), "Weak points") { weakPoints }
    }

    private static func anchor(_ part: Part) -> Anchor { Anchor("health", part.rawValue) }

    private var summary: HTML {
        let notices = notices
        return element(
            .section, .id(Self.anchor(.summary)), .flag(.isLive), .text(.version, notices.look),
            .text(.label, "Summary")
        ) { notices }
    }

    @HTMLBuilder private var notices: [HTML] {
        for sentence in health.stuck { notice(.bad) { SafeText.text(sentence) } }
        if health.stuck.isEmpty { HealthSummary(checks: health.checks).html }
    }

    private var weakPoints: HTML {
        let count = health.weakPoints.count
        return Table(
            "\(Shape.count(count, "weak point")), as far as you may see them",
            ["Weak point", "Remedy"], health.weakPoints
        ) { point in [.safe(point.words), HealthTable.remedy(point.remedy)] }
        .html(or: "No weak point is known")
    }
}
