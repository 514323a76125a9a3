import InterlockAPI
import InterlockAdministration
import InterlockAlerts
import InterlockEvidence
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockPorts

/// `/alerts`: the alerts of the last 30 days, newest first unless another order is chosen.
struct AlertsPage {
    let view: TriagePage
    let filter: AlertFilter
    let viewer: Visibility
    let rows: PagedRows<RaisedAlert>
    /// The number of alerts without a disposition that the viewer sees, or nil if it is not known.
    let open: Int?

    init(view: TriagePage, filter: AlertFilter, page: Int, viewer: Visibility, open: Int? = nil) {
        self.open = open
        self.viewer = viewer
        self.view = view
        self.filter = filter
        rows = PagedRows(view.alarms, of: view.count, page: page)
    }

    var header: PageHeader {
        let (look, words): (StatusBadge.Kind, String) =
            if view.unread > 0 {
                (.problem, "\(view.unread) unreadable")
            } else if !viewer.seesSomeAgents {
                (.unknown, "No access to alerts")
            } else if let open {
                open > 0
                    ? (.attention, "\(open) open")
                    : (
                        view.channels.isEmpty ? .attention : .working,
                        viewer.seesAll ? "No open alerts" : "No open alerts of your agents"
                    )
            } else {
                (.plain, "\(rows.count) listed")
            }
        var header = PageHeader(
            "Alerts",
            StatusBadge(look, words, from: "The stored alerts of the last 30 days."))
        if view.channels.isEmpty { header.say { "No notification channel set up" } }
        if viewer.seesSomeAgents { header.fact("Incidents") { "\(view.incidents.count)" } }
        header.fact("Channels") { "\(view.channels.count)" }
        let failing = view.channels.count { $0.problem != nil }
        if failing > 0 { header.fact("Channels failing") { "\(failing)" } }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        states
        form.html
        liveCard(Anchor("alerts"), "Last 30 days") { list }
        if !view.incidents.isEmpty {
            liveCard(Anchor("incidents"), "Open incidents") { incidents.html }
        }
        liveCard(Anchor("channels"), "Notification channels") { channels }
    }

    private var states: HTML {
        let all = address(nil)
        return FilterChips(
            label: "Which alerts", all: all,
            chips: [
                .init("All", all, isChosen: filter.isDisposed == nil),
                .init(
                    "Open", viewer.seesSomeAgents ? open : nil, address(false),
                    isChosen: filter.isDisposed == false),
                .init("Classified", address(true), isChosen: filter.isDisposed == true),
            ]
        ).html
    }

    private func address(_ isDisposed: Bool?) -> Link {
        var filter = filter
        filter.isDisposed = isDisposed
        return Self.address(filter, page: nil)
    }

    private static func address(_ filter: AlertFilter, page: String?) -> Link {
        Link(
            "alerts",
            query: [
                ("code", filter.code), ("agent", filter.agent?.text),
                ("severity", filter.severity?.rawValue),
                ("disposed", filter.isDisposed.map { $0 ? "yes" : "no" }),
                ("sort", filter.order?.text), ("page", page),
            ])
    }

    private var form: FilterForm {
        FilterForm(
            list: Link("alerts"), isEmpty: filter.isEmpty,
            values: [filter.code, filter.agent?.text, filter.severity?.rawValue]
        ) {
            FilterForm.text("Code", "code", Anchor("code"), filter.code)
            FilterForm.text("Agent", "agent", Anchor("agent"), filter.agent?.text)
            FilterForm.choice(
                "Severity", "severity", Anchor("severity"),
                AlertSeverity.allCases.map { ($0.rawValue, $0.rawValue) },
                chosen: filter.severity?.rawValue)
            if let isDisposed = filter.isDisposed {
                Form.hidden("disposed", isDisposed ? "yes" : "no")
            }
            if let order = filter.order { Form.hidden("sort", order.text) }
        }
    }

    @HTMLBuilder private var list: [HTML] {
        if view.unread > 0 { AlertLabels.unread(view.unread) }
        if rows.count > 0 {
            table.html
            rows.pager { Self.address(filter, page: $0) }
        } else if !viewer.seesSomeAgents {
            EmptyList.html(AlertLabels.noAccess)
        } else if filter.isEmpty {
            EmptyList.html("No alerts in the last 30 days.")
        } else {
            EmptyList.noMatch(Link("alerts"))
        }
    }

    private static let newest = AlertFilter.Sorting(.at, isDescending: true)

    private var headers: SortedHeaders<AlertFilter.Column> {
        SortedHeaders(
            in: filter.order ?? Self.newest, startingDescending: [.at, .severity]
        ) { [filter] order in
            var other = filter
            other.order = order
            return Self.address(other, page: nil)
        }
    }

    private var caption: String {
        let order = filter.order ?? Self.newest
        let column =
            switch order.column {
            case .at: "time"
            case .code: "code"
            case .severity: "severity"
            case .agent: "agent"
            case .disposed: "whether they are classified"
            }
        return Shape.count(rows.count, "alert") + rows.place + ", " + order.caption(column)
    }

    private var table: Table {
        let headers = headers
        return Table(
            caption,
            [
                headers.column(.name("Alert"), by: .code), headers.column(.time("When"), by: .at),
                headers.column(.state("Severity"), by: .severity),
                headers.column(.name("Agent", .second), by: .agent), .text("Message"),
                .state("Notified", .second),
                headers.column(.state("Classified as", .second), by: .disposed),
            ], rows.rows, isLinked: true
        ) { alarm in
            [
                .group(AlertNames.html(alarm.code, AlertsRoute.link(to: alarm.id))),
                Shape.time(alarm.at), AlertLabels.severity(alarm.severity),
                .text(alarm.agent?.text ?? "–"), .group(AlertNames.message(alarm)),
                .group(DeliveryLabels.summary(of: alarm, view.deliveries[alarm.id] ?? [])),
                .text(alarm.finding.map { AlertLabels.words(of: $0.disposition) } ?? "open"),
            ]
        }
    }

    private var incidents: Table {
        Table(
            Shape.count(view.incidents.count, "incident") + ", newest first",
            [.id("Incident"), .state("Severity (1 is the worst)"), .time("Opened")],
            view.incidents.prefix(Paging.size), isLinked: true
        ) { incident in
            [
                Shape.id(incident.id.text, AlertsRoute.link(to: incident.id)),
                .text("\(incident.severity)"), Shape.time(incident.opened),
            ]
        }
    }

    @HTMLBuilder private var channels: [HTML] {
        if view.channels.isEmpty {
            notice(.warning) {
                "No channel is configured: no alert is sent. Name channels in "
                element(.code) { "alerts.channels" }
                " of interlock.yaml."
            }
        } else {
            channelTable.html
        }
    }

    private var channelTable: Table {
        Table(
            Shape.count(view.channels.count, "channel"),
            [
                .name("Channel"), .number("Waiting"), .number("Sent since start", .second),
                .number("Given up"), .text("Status"),
            ], view.channels
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
    static let noAccess = "Alerts are visible to owners of agents and to people with a role."

    /// A detector by the name of its statistic, its code next to it; one of another version by its code alone.
    @HTMLBuilder static func detector(_ code: String) -> [HTML] {
        if let name = detectors[ExactText(code)] {
            name
            " "
            element(.code, .style(.muted)) { SafeText.name(code) }
        } else {
            SafeText.name(code)
        }
    }

    private static let detectors: [ExactText: String] = [
        "ewma": "Moving average", "cusum": "Cumulative sum", "page_hinkley": "Page-Hinkley test",
        "robust_z": "Distance from the median",
    ]

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
