import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// `/health`: whether every part works, and what makes the gateway less safe, each with its remedy.
struct HealthPage {
    let health: GatewayHealth
    let sections: Set<Page.Section>

    private enum Part: Int { case stuck, parts, weak }

    var header: PageHeader {
        let summary = HealthSummary(
            checks: health.checks, weakPoints: health.weakPoints.count, faults: health.stuck)
        var header = PageHeader("Health", summary.badge)
        header.say { summary.sentence }
        header.fact("Parts") { "\(health.checks.count)" }
        header.fact("Weak points") { "\(health.weakPoints.count)" }
        if !health.weakPoints.isEmpty {
            header.add(HeaderAction("Show weak points", .to(Self.anchor(.weak))))
        }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        stuck
        liveCard(Self.anchor(.parts), "Parts") {
            HealthTable(
                checks: health.checks, at: health.at, sections: sections, isWhole: true
            ).html
        }
        liveCard(Self.anchor(.weak), "Weak points") { weakPoints }
    }

    private static func anchor(_ part: Part) -> Anchor { Anchor("health", part.rawValue) }

    private var stuck: HTML {
        let notices = health.stuck.map { sentence in notice(.bad) { SafeText.text(sentence) } }
        return element(
            .section, .id(Self.anchor(.stuck)), .flag(.isLive), .text(.version, notices.look),
            .text(.label, "Problems")
        ) { notices }
    }

    private var weakPoints: HTML {
        let count = health.weakPoints.count
        return Table(
            "\(Shape.count(count, "weak point")), as far as you may see them",
            [.text("Weak point"), .text("Remedy")], health.weakPoints
        ) { point in [.own(point.words), HealthTable.remedy(point.remedy)] }
        .html(or: "No weak points")
    }
}
