import InterlockAPI
import InterlockAdministration
import InterlockAlerts
import InterlockChangeGate
import InterlockMarkup
import InterlockModel

/// `/now`: runs, pending requests, halts, alerts, and the readiness of the components.
struct NowPage {
    let view: GatewayStatus
    /// The number of requests that the viewer can decide.
    let mine: Int
    /// The sections that are available: what is elsewhere is linked.
    let sections: Set<Page.Section>
    /// False if the viewer sees no agent, so that empty lists say nothing.
    let seesAgents: Bool
    var weakPoints = 0
    /// The agents that were denied calls, most denied first; nil if the console has no agents.
    var denied: [AgentSummary]?
    /// The warnings of the change gate about them.
    var warnings: [AgentName: GateOutlook] = [:]

    /// The number of agents that the page lists.
    static let mostDenied = 5

    var header: PageHeader {
        let summary = HealthSummary(
            checks: view.checks, weakPoints: weakPoints, faults: view.faults)
        var header = PageHeader("Overview", summary.badge)
        header.say { summary.sentence }
        if mine > 0 { header.primary = HeaderAction("Open inbox", Link("approvals")) }
        if sections.contains(.health) {
            header.add(HeaderAction("Show health", Page.Section.health.link))
        }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        faults
        card(.figures, "At a glance") {
            figures
            counted
        }
        card(.hour, "The last hour") { HourCharts(hour: view.hour, halts: view.haltSpans).content }
        if let denied { card(.denied, "Most denied agents") { deniedAgents(denied) } }
        card(.runs, "Calls in progress") { runs }
        card(.alarms, "Open alerts") { alarms }
        card(.checks, "Checks") {
            HealthTable(checks: view.checks, at: view.at, sections: sections).html
        }
        card(.log, "Log") { log }
    }

    private enum Part: Int { case faults, figures, runs, alarms, hour, log, checks, denied }

    private func card(
        _ part: Part, _ title: String, @HTMLBuilder _ content: () -> [HTML]
    ) -> HTML { liveCard(Anchor("now", part.rawValue), title, content: content) }

    private var faults: HTML {
        element(
            .section, .id(Anchor("now", Part.faults.rawValue)), .flag(.isLive),
            .text(.version, faultNotices.look), .text(.label, "Problems")
        ) { faultNotices }
    }

    @HTMLBuilder private var faultNotices: [HTML] {
        for fault in view.faults { notice(.bad) { SafeText.text(fault) } }
    }

    private var figures: HTML {
        var figures = Figures()
        figures.add("For you", mine, "task", to: Link("approvals"))
        figures.add(
            "Pending approvals", view.pending, "request",
            to: Link("approvals", query: [("show", "pending")]))
        figures.add(
            "Active halts", view.halts.count, to: link(.halt, Link("halt")),
            isBad: !view.halts.isEmpty)
        let open = link(.runs, Link("runs", query: [("show", "open")]))
        figures.add("Open runs", view.openRuns, to: open)
        figures.add("Calls in progress", view.callsInFlight, to: open)
        figures.add("Allowed, last hour", view.hour.allowed, to: records("call.outcome"))
        figures.add("Denied, last hour", view.hour.denied, to: records("call.denied"))
        return figures.html
    }

    /// The start of the counts, as long as that is less than an hour ago.
    @HTMLBuilder private var counted: [HTML] {
        if let first = view.hour.minutes.first, view.hour.minutes.count < LastHour.length {
            element(.p, .style(.hint)) {
                "Calls have been counted since "
                Shape.exact(first.start)
                "."
            }
        }
    }

    private func link(_ section: Page.Section, _ link: Link) -> Link? {
        sections.contains(section) ? link : nil
    }

    /// The records of one type in the last hour, from a whole minute, so that the link does not change each second.
    private func records(_ type: String) -> Link? {
        let minute = Timestamp(microseconds: view.at.microseconds / 60_000_000 * 60_000_000)
        let since = (minute - .seconds(3600)).rfc3339(fractionDigits: 0)
        return link(.audit, Link("audit", query: [("type", type), ("since", since)]))
    }

    @HTMLBuilder private func deniedAgents(_ agents: [AgentSummary]) -> [HTML] {
        if agents.isEmpty {
            EmptyList.html(
                seesAgents
                    ? "No agent was denied a call in the last hour"
                    : AgentsPage.noAccess)
        } else {
            Table(
                "Last hour, most denied first",
                [
                    .name("Agent"), .name("Owner", .second), .state("State", .second),
                    .state("Calls"),
                ], agents, isLinked: true
            ) { agent in
                [
                    hyperlink(Link("agents", agent.name.text)) { SafeText.name(agent.name.text) },
                    agent.owner.map { Shape.person($0) } ?? .text("none"),
                    .group(AgentState.words(agent, warnings[agent.name])),
                    .group(Sparkline(agent).content),
                ]
            }.html
            if agents.count == Self.mostDenied {
                hyperlink(
                    Link("agents", query: [("state", AgentFilter.State.refused.rawValue)])
                ) { "All agents that were denied calls" }
            }
        }
    }

    private var runs: HTML {
        guard !view.runs.isEmpty else {
            return EmptyList.html(
                seesAgents
                    ? "No calls in progress"
                    : "Calls are visible to owners of agents and to people with a role.")
        }
        return Table(
            "Runs with calls in progress, newest first",
            [
                .id("Run"), .name("Agent"), .name("Owner", .second), .text("Purpose"),
                .number("Calls"), .state("State"),
            ], view.runs, isLinked: true
        ) { run in
            [
                Shape.run(run.run), .name(run.agent.text),
                run.owner.map { Shape.person($0) } ?? .text("none"),
                run.purpose.map { .safe($0) } ?? .text("none"), .text("\(run.calls)"),
                run.halt == nil ? badge("runs", .good) : badge("stopped", .bad),
            ]
        }.html
    }

    @HTMLBuilder private var alarms: [HTML] {
        if let alarms = view.alarms {
            if view.unreadAlarms > 0 { AlertLabels.unread(view.unreadAlarms) }
            list(of: alarms)
        } else {
            notice(.bad) { "Alerts cannot be read now" }
        }
    }

    private func list(of alarms: [RaisedAlert]) -> HTML {
        guard !alarms.isEmpty else {
            return EmptyList.html(seesAgents ? "No open alerts" : AlertLabels.noAccess)
        }
        return Table(
            "Open alerts, newest first",
            [.name("Alert"), .state("Severity"), .name("Agent"), .text("Message"), .time("When")],
            alarms, isLinked: true
        ) { alarm in
            [
                .group(AlertNames.html(alarm.code, AlertsRoute.link(to: alarm.id))),
                AlertLabels.severity(alarm.severity), .text(alarm.agent?.text ?? "–"),
                .group(AlertNames.message(alarm)), Shape.time(alarm.at),
            ]
        }.html
    }

    @HTMLBuilder private var log: [HTML] {
        if let code = view.log.refusing {
            notice(.bad) { "Log not writable, calls are denied (\(code))" }
        }
        logFacts
    }

    private var logFacts: HTML {
        var facts = Facts()
        facts.add("Records") { Shape.grouped(view.log.size) }
        facts.add("Root") { Shape.digest(view.log.root.base64) }
        facts.add("Witnesses") {
            if let witnesses = view.log.witnesses {
                if witnesses.isEmpty { "No witness signature since start" }
                for witness in witnesses {
                    SafeText.text(witness.name)
                    ", \(witness.secondsAgo) s ago "
                }
            } else {
                "none is configured"
            }
        }
        return facts.html
    }
}
