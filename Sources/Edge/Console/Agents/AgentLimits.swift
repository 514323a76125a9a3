import InterlockAdministration
import InterlockModel
import InterlockPolicy

/// An agent's use of its limits, and the holds and breakers that restrict it.
struct AgentLimits {
    let sheet: AgentDetail

    @HTMLBuilder var content: [HTML] {
        if sheet.limits.isEmpty {
            element(.p, .style(.empty)) { "The policy states no limit for it." }
        } else {
            limits.html
        }
        if sheet.holds.isEmpty, sheet.breakers.isEmpty {
            element(.p) { "No breaker holds it back." }
        }
        if !sheet.holds.isEmpty { holds.html }
        if !sheet.breakers.isEmpty { breakers.html }
    }

    private var limits: Table {
        var table = Table(
            caption: "Limits, with what is taken in the window that now ends",
            columns: ["Limit", "Window", "Taken", "Most", "Left"])
        table.rows = sheet.limits.map { limit in
            // A limit whose use was not counted yet admits no calls.
            let isCounted = limit.taken != .max
            return [
                .group(SafeText.text(limit.use.key)), .text(Self.window(limit.use.seconds)),
                .text(isCounted ? "\(limit.taken)" : "not counted yet"),
                .text(
                    limit.most == limit.use.stated
                        ? "\(limit.most)" : "\(limit.most), of \(limit.use.stated) stated"),
                .text(isCounted ? "\(max(0, limit.most - limit.taken))" : "nothing"),
            ]
        }
        return table
    }

    private var holds: Table {
        var table = Table(
            caption: "Runs that are held back", columns: ["Run", "State", "Why", "Until"])
        table.rows = sheet.holds.map { hold in
            [
                AgentLinks.run(hold.run), .text(hold.state),
                .group(SafeText.text(hold.reason)),
                hold.until.map(Shape.time)
                    ?? .text("its owner or the role resume ends it: interlock runs unpause"),
            ]
        }
        return table
    }

    private var breakers: Table {
        var table = Table(
            caption: "Servers that are not called for now", columns: ["Breaker", "State", "Until"])
        table.rows = sheet.breakers.map { breaker in
            [
                element(.a, .link(.href, Link("servers", breaker.server.text))) {
                    SafeText.text(breaker.name)
                },
                .text(breaker.state.text), BreakerTable.end(breaker),
            ]
        }
        return table
    }

    /// Formats a window: `3600` becomes "an hour".
    static func window(_ seconds: Int64) -> String {
        switch seconds {
        case 1: "a second"
        case 60: "a minute"
        case 3_600: "an hour"
        case 86_400: "a day"
        default: "\(seconds) s"
        }
    }
}
