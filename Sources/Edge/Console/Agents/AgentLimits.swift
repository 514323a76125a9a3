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
            [
                .group(Self.measure(limit)), .text(Self.window(limit.use.seconds)),
                limit.isCounted
                    ? .group(Self.amount(limit.taken, limit.amounts?.taken))
                    : .text("not counted yet"),
                .group(Self.most(limit)),
                limit.isCounted
                    ? .group(Self.amount(limit.left, limit.amounts?.left)) : .text("nothing"),
            ]
        }
    }

    /// The name of the limit, and under it the unit of a sum.
    @HTMLBuilder private static func measure(_ limit: LimitUsage) -> [HTML] {
        SafeText.text(limit.use.key)
        if let amounts = limit.amounts {
            element(.div, .style(.muted)) { SafeText.text(amounts.unit) }
        } else if limit.use.isSum {
            element(.div, .style(.muted)) { "Unit not declared" }
        }
    }

    /// The amount in its unit, and under it the number that is counted; without a unit the number alone.
    @HTMLBuilder private static func amount(_ raw: Int64, _ shown: String?) -> [HTML] {
        if let shown {
            SafeText.own(shown)
            element(.div, .style(.muted)) { Shape.grouped(raw) }
        } else {
            element(.span, .style(.nowrap)) { Shape.grouped(raw) }
        }
    }

    /// The limit, and under it what the file states if that differs; each on one line.
    @HTMLBuilder private static func most(_ limit: LimitUsage) -> [HTML] {
        amount(limit.most, limit.amounts?.most)
        if limit.most != limit.use.stated {
            " "
            element(.span, .style(.muted, .nowrap)) {
                "of "
                if let stated = limit.amounts?.stated {
                    SafeText.own(stated)
                } else {
                    Shape.grouped(limit.use.stated)
                }
                " stated"
            }
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
