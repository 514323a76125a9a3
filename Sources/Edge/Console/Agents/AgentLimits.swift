import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPolicy

/// An agent's use of its limits, and the holds and breakers that restrict it.
struct AgentLimits {
    let detail: AgentDetail

    @HTMLBuilder var content: [HTML] {
        limits.html(or: "The policy states no limit for it.")
        if detail.holds.isEmpty, detail.breakers.isEmpty {
            element(.p) { "No circuit breaker open" }
        }
        if !detail.holds.isEmpty { holds.html }
        if !detail.breakers.isEmpty { breakers.html }
    }

    private var limits: Table {
        Table(
            "Limits, with what is taken in the window that now ends",
            [
                .name("Measure"), .text("Window"), .number("Used"), .number("Limit"),
                .number("Left"),
            ], detail.limits
        ) { limit in
            // A limit whose use was not counted yet admits no calls.
            let isCounted = limit.taken != .max
            return [
                .safe(limit.use.key), .text(Self.window(limit.use.seconds)),
                .text(isCounted ? Shape.grouped(limit.taken) : "not counted yet"),
                .group(Self.most(limit.most, of: limit.use.stated)),
                .text(isCounted ? Shape.grouped(max(0, limit.most - limit.taken)) : "nothing"),
            ]
        }
    }

    /// The limit, and under it what the file states if that differs; each on one line.
    @HTMLBuilder private static func most(_ most: Int64, of stated: Int64) -> [HTML] {
        element(.span, .style(.nowrap)) { Shape.grouped(most) }
        if most != stated {
            " "
            element(.span, .style(.muted, .nowrap)) { "of \(Shape.grouped(stated)) stated" }
        }
    }

    private var holds: Table {
        Table(
            "Runs paused", [.id("Run"), .state("State"), .text("Why"), .time("Until")],
            detail.holds, isLinked: true
        ) { hold in
            [
                Shape.run(hold.run), .text(hold.state), .safe(hold.reason),
                hold.until.map(Shape.time)
                    ?? .text("a person lets it continue, on its page"),
            ]
        }
    }

    private var breakers: Table {
        Table(
            "Servers that are not called for now",
            [.name("Breaker"), .state("State"), .time("Until")], detail.breakers
        ) { breaker in
            [
                hyperlink(Link("servers", breaker.server.text)) { SafeText.text(breaker.name) },
                .text(breaker.state.text), BreakerTable.end(breaker),
            ]
        }
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
