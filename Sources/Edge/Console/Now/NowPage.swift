import InterlockAlerts
import InterlockGateway
import InterlockModel

/// `/now`: what runs, what waits, what is stopped, what was noticed, and whether the house is sound.
struct NowPage {
    let view: NowStanding
    /// Requests that the reader can decide.
    let mine: Int

    @HTMLBuilder var content: [HTML] {
        element(.h1) { "Now" }
        faults
        part(.figures, "At a glance", version: glance.joined(separator: " ")) { figures }
        part(.hour, "The last hour", version: hourVersion) { HourChart(hour: view.hour).html }
        part(.runs, "Calls in flight", version: runsVersion) { runs }
        element(.div, .style(.columns)) {
            part(.alarms, "What was noticed", version: alarmsVersion) { alarms }
            part(.log, "The log", version: logVersion) { log }
        }
    }

    private enum Part: Int { case faults, figures, runs, alarms, hour, log }

    /// A part that is brought up to date by itself.
    private func part(
        _ part: Part, _ title: String, version: String, @HTMLBuilder _ content: () -> [HTML]
    ) -> HTML {
        element(
            .section, .style(.card), .id(Anchor("now", part.rawValue)), .flag(.isLive),
            .text(.version, version)
        ) {
            element(.h2) { title }
            content()
        }
    }

    private var faults: HTML {
        element(
            .section, .id(Anchor("now", Part.faults.rawValue)), .flag(.isLive),
            .text(.version, ShownLine.text(view.faults.joined(separator: " "))),
            .text(.label, "What is not sound")
        ) {
            if view.faults.isEmpty {
                Notice(.good) { "Every part that decides is sound." }.html
            } else {
                for fault in view.faults { Notice(.bad) { Shown.text(fault) }.html }
            }
        }
    }

    private var glance: [String] {
        [
            view.openRuns, view.callsInFlight, mine, view.pending, view.halts.count,
            view.alarms?.count ?? -1, view.hour.allowed, view.hour.denied,
        ].map(String.init)
    }

    private var figures: HTML {
        var figures = Figures()
        figures.add("Waiting for you", mine, "request", to: Link("approvals"))
        figures.add("Waiting for anybody", view.pending, "request")
        figures.add("Halts in force", view.halts.count, isBad: !view.halts.isEmpty)
        figures.add("Open runs", view.openRuns)
        figures.add("Calls in flight", view.callsInFlight)
        figures.add("Let through in the last hour", view.hour.allowed)
        figures.add("Refused in the last hour", view.hour.denied)
        return figures.html
    }

    private var runsVersion: String {
        view.runs.map { "\($0.run.text).\($0.calls).\($0.halt?.text ?? "")" }
            .joined(separator: " ")
    }

    private var runs: HTML {
        guard !view.runs.isEmpty else {
            return element(.p, .style(.empty)) { "No call is in flight." }
        }
        var table = Table(
            caption: "Runs with calls in flight, the newest first",
            columns: ["Run", "Agent", "Owner", "Purpose", "Calls", "State"])
        table.rows = view.runs.map { run in
            [
                element(.a, .style(.nowrap), .link(.href, Link("runs", run.run.text))) {
                    run.run.text
                },
                .group(Shown.text(run.agent.text)),
                run.owner.map { .group(Shown.text($0.address)) } ?? .text("none"),
                run.purpose.map { .group(Shown.text($0)) } ?? .text("none"),
                .text("\(run.calls)"),
                run.halt == nil ? Badge(.good, "runs").html : Badge(.bad, "stopped").html,
            ]
        }
        return table.html
    }

    private var alarmsVersion: String {
        view.alarms.map { $0.map(\.id.text).joined(separator: " ") } ?? "unread"
    }

    private var alarms: HTML {
        guard let alarms = view.alarms else {
            return Notice(.bad) { "Alarms cannot be read now." }.html
        }
        guard !alarms.isEmpty else {
            return element(.p, .style(.empty)) { "Nothing that nobody has looked at." }
        }
        var table = Table(
            caption: "Alarms that nobody has disposed of, the newest first",
            columns: ["Alarm", "About", "When"])
        table.rows = alarms.map { alarm in
            [
                .group(Shown.text(alarm.code)), .group(Shown.text(alarm.subject)),
                Shape.time(alarm.at),
            ]
        }
        return table.html
    }

    private var hourVersion: String {
        "\(view.hour.allowed) \(view.hour.denied) \(view.hour.minutes.last?.start.rfc3339() ?? "")"
    }

    private var logVersion: String {
        "\(view.log.size) \(view.log.refusing ?? "") \(view.log.witnesses?.count ?? -1)"
    }

    @HTMLBuilder private var log: [HTML] {
        if let code = view.log.refusing {
            Notice(.bad) { "The log takes no permits: \(code)" }.html
        }
        logFacts
    }

    private var logFacts: HTML {
        var facts = Facts()
        facts.add("Records") { Shape.grouped(view.log.size) }
        facts.add("Root") { element(.code) { view.log.root.base64 } }
        facts.add("Witnesses") {
            if let witnesses = view.log.witnesses {
                if witnesses.isEmpty { "none has cosigned since the start" }
                for witness in witnesses {
                    Shown.text(witness.name)
                    ", \(witness.secondsAgo) s ago "
                }
            } else {
                "none is configured"
            }
        }
        return facts.html
    }
}
