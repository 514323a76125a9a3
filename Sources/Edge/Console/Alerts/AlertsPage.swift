import InterlockAdministration
import InterlockAlerts
import InterlockModel
import InterlockPorts

/// `/alerts`: the alerts of the last 30 days, newest first.
struct AlertsPage {
    let view: TriagePage
    let filter: AlertFilter
    let rows: PagedRows<RaisedAlert>

    init(view: TriagePage, filter: AlertFilter, page: Int) {
        self.view = view
        self.filter = filter
        rows = PagedRows(view.alarms, of: view.count, page: page)
    }

    @HTMLBuilder var content: [HTML] {
        element(.h1) { "Alerts" }
        form.html
        liveCard(Anchor("alerts"), "Noticed in the last 30 days") { list }
        if !view.incidents.isEmpty {
            liveCard(Anchor("incidents"), "Open incidents") { incidents.html }
        }
        liveCard(Anchor("channels"), "Channels that tell people") { channels }
    }

    private var form: FilterForm {
        FilterForm(list: Link("alerts"), isEmpty: filter == AlertFilter()) {
            FilterForm.text("Code", "code", Anchor("code"), filter.code)
            FilterForm.text("Agent", "agent", Anchor("agent"), filter.agent?.text)
            FilterForm.choice(
                "Severity", "severity", Anchor("severity"),
                AlertSeverity.allCases.map { ($0.rawValue, $0.rawValue) },
                chosen: filter.severity?.rawValue)
            FilterForm.choice(
                "Disposed of", "disposed", Anchor("disposed"), [("no", "no"), ("yes", "yes")],
                chosen: filter.isDisposed.map { $0 ? "yes" : "no" })
        }
    }

    @HTMLBuilder private var list: [HTML] {
        if view.unread > 0 { AlertLabels.unread(view.unread) }
        if rows.count == 0 {
            element(.p, .style(.empty)) { "Nothing was noticed that is like this." }
        } else {
            table.html
            rows.pager { page in
                Link(
                    "alerts",
                    query: [
                        ("code", filter.code), ("agent", filter.agent?.text),
                        ("severity", filter.severity?.rawValue),
                        ("disposed", filter.isDisposed.map { $0 ? "yes" : "no" }), ("page", page),
                    ])
            }
        }
    }

    private var table: Table {
        Table(
            Shape.count(rows.count, "alert") + rows.place,
            ["Alert", "When", "Severity", "Agent", "What", "Found to be"], rows.rows
        ) { alarm in
            [
                hyperlink(AlertsRoute.link(to: alarm.id)) { SafeText.text(alarm.code) },
                Shape.time(alarm.at), AlertLabels.severity(alarm.severity),
                .text(alarm.agent?.text ?? "none"), .safe(alarm.text.text),
                .text(alarm.finding.map(\.disposition.rawValue) ?? "open"),
            ]
        }
    }

    private var incidents: Table {
        Table(
            Shape.count(view.incidents.count, "incident") + ", the newest first",
            ["Incident", "Severity", "Opened"], view.incidents.prefix(Paging.size)
        ) { incident in
            [
                hyperlink(AlertsRoute.link(to: incident.alarm)) { incident.id.text },
                .text("\(incident.severity)"), Shape.time(incident.opened),
            ]
        }
    }

    @HTMLBuilder private var channels: [HTML] {
        if view.channels.isEmpty {
            notice(.warning) { "No channel is configured: no alert is sent." }
        } else {
            channelTable.html
        }
    }

    private var channelTable: Table {
        Table(
            Shape.count(view.channels.count, "channel"),
            ["Channel", "Waiting", "Told since the start", "Given up", "Standing"], view.channels
        ) { channel in
            [
                .safe(channel.channel.text), .text("\(channel.waiting)"),
                .text("\(channel.delivered)"), .text("\(channel.undelivered)"),
                .group(channel.problem.map { SafeText.text($0) } ?? [.text("works")]),
            ]
        }
    }
}

/// Texts that the pages of alerts share.
enum AlertLabels {
    static func severity(_ severity: AlertSeverity?) -> HTML {
        switch severity {
        case .page: badge("page", .bad)
        case .high: badge("high", .bad)
        case .low: badge("low", .warning)
        case .info, nil: badge("info")
        }
    }

    /// States the number of alerts that are missing from the page.
    static func unread(_ count: Int) -> HTML {
        notice(.bad) { "\(count) kept alerts cannot be read and are not shown." }
    }

    static func words(of disposition: Disposition) -> String {
        switch disposition {
        case .attack: "an attack"
        case .fault: "a fault"
        case .expected: "expected: it is learned as normal"
        case .false: "a false alarm"
        }
    }
}
