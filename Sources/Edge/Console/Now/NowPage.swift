import InterlockAdministration
import InterlockAlerts
import InterlockModel

/// `/now`: runs, pending requests, halts, alerts, and the readiness of the components.
struct NowPage {
    let view: GatewayStatus
    /// The number of requests that the viewer can decide.
    let mine: Int

    @HTMLBuilder var content: [HTML] {
        element(.h1) { "Overview" }
        faults
        card(.figures, "At a glance") { figures }
        card(.hour, "The last hour") { HourCharts(hour: view.hour).content }
        card(.runs, "Calls in progress") { runs }
        element(.div, .style(.columns)) {
            card(.alarms, "Open alerts") { alarms }
            card(.log, "The log") { log }
        }
        card(.checks, "Checks") { HealthTable(checks: view.checks).html }
    }

    private enum Part: Int { case faults, figures, runs, alarms, hour, log, checks }

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
        if view.faults.isEmpty { summary }
        for fault in view.faults { notice(.bad) { SafeText.text(fault) } }
    }

    /// Says that all is well only if every check says so. A part that is not set up is no problem, and not well either.
    private var summary: HTML {
        let open = view.checks.filter { $0.state == .attention || $0.state == .problem }
        let passed = view.checks.count { $0.state == .working }
        guard open.isEmpty else {
            return notice(.warning) {
                element(.strong) { "Needs attention: " }
                open.map(HealthTable.name(of:)).joined(separator: ", ")
            }
        }
        return passed == view.checks.count
            ? notice(.good) { "All \(passed) checks passed" }
            : notice(.good) {
                "\(passed) of \(view.checks.count) checks passed, the others are not set up"
            }
    }

    private var figures: HTML {
        var figures = Figures()
        figures.add("For you", mine, "task", to: Link("approvals"))
        figures.add("Pending approvals", view.pending, "request")
        figures.add("Active halts", view.halts.count, isBad: !view.halts.isEmpty)
        figures.add("Open runs", view.openRuns)
        figures.add("Calls in progress", view.callsInFlight)
        figures.add("Allowed, last hour", view.hour.allowed)
        figures.add("Denied, last hour", view.hour.denied)
        return figures.html
    }

    private var runs: HTML {
        guard !view.runs.isEmpty else {
            return element(.p, .style(.empty)) { "No calls in progress" }
        }
        return Table(
            "Runs with calls in progress, newest first",
            ["Run", "Agent", "Owner", "Purpose", "Calls", "State"], view.runs
        ) { run in
            [
                Shape.run(run.run), .safe(run.agent.text),
                run.owner.map { .safe($0.address) } ?? .text("none"),
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
            return element(.p, .style(.empty)) { "No open alerts" }
        }
        return Table(
            "Open alerts, newest first",
            ["Alarm", "About", "When"], alarms
        ) { alarm in [.safe(alarm.code), .safe(alarm.subject), Shape.time(alarm.at)] }.html
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
        facts.add("Root") { element(.code) { view.log.root.base64 } }
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
