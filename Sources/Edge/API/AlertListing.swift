import InterlockAdministration
import InterlockAlerts
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockNotification
import InterlockPorts
import InterlockSchemas

private let words = JSONSchemaType.text(.plain(0...65_536))
private let shortText = JSONSchemaType.text(.plain(1...256))

extension RaisedAlert: ResponseRecord {
    static let form = ResponseSchema<RaisedAlert>(
        "Alert",
        .init("id", .text(.id), "Its own.") { $0.id.text },
        .init("code", shortText, "Stable.") { $0.code },
        .init("at", .text(.time), "When it was raised.") { $0.at },
        .init("severity", .choice(of: AlertSeverity.self), "How soon.") {
            ($0.severity ?? .info).rawValue
        },
        .init("subject", words, "What it is about.") { $0.subject },
        .init("summary", words, "For people.") { $0.text.text },
        .init("told", .truth, "Whether people are told of its kind.") { $0.isTold },
        .maybe("agent", shortText, "Which, where it is about one.") { $0.agent?.text },
        .maybe("run", .text(.id), "Which, where it is about one.") { $0.run?.text },
        .maybe("record", .text(.base64(32)), "The leaf hash of its record.") {
            $0.record?.base64
        },
        .maybe("series", shortText, "What was watched.") { $0.series },
        .init("detectors", .list(shortText, count: 0...16), "What noticed it.") { $0.detectors },
        .maybe("window", AlertWindow.form.shape, "Of a learned series.") { $0.window },
        .maybe("response", words, "Of the gateway itself.") { $0.response },
        .maybe("finding", AlertDisposition.form.shape, "What a person found it to be.") {
            $0.finding
        })
}

extension AlertWindow: ResponseRecord {
    static let form = ResponseSchema<AlertWindow>(
        "AlertWindow",
        .init("seconds", .whole(1...86_400), "The length of one window.") { $0.seconds },
        .init("count", .count, "Of the last one.") { $0.count },
        .init("expected", .count, "What is usual.") { $0.expected },
        .init("before", .list(.count, count: 0...100), "The oldest first.") { $0.before },
        .init("readings", .list(of: Reading.self, 0...16), "Of the detectors.") { $0.readings })
}

extension AlertWindow.Reading: ResponseRecord {
    private static let any: ClosedRange<Int64> =
        -JSONValue.largestInteger...JSONValue.largestInteger

    static let form = ResponseSchema<AlertWindow.Reading>(
        "DetectorReading",
        .init("detector", shortText, "Which.") { $0.detector },
        .init("statistic", .whole(any), "In thousandths.") { $0.statistic },
        .init("threshold", .whole(any), "In thousandths.") { $0.threshold },
        .init("over", .truth, "Whether it is passed.") { $0.isOver })
}

extension AlertDisposition: ResponseRecord {
    static let form = ResponseSchema<AlertDisposition>(
        "AlertFinding",
        .init("as", .choice(of: Disposition.self), "What it was.") { $0.disposition.rawValue },
        .init("at", .text(.time), "When it was said.") { $0.at },
        .init("by", shortText, "A pseudonym.") { $0.by.text },
        .init("reason", words, "In the person's words.") { $0.reason })
}

extension ChannelStatus: ResponseRecord {
    static let form = ResponseSchema<ChannelStatus>(
        "Channel",
        .init("channel", shortText, "Its name.") { $0.channel.text },
        .init("waiting", .count, "Alerts.") { $0.waiting },
        .init("delivered", .count, "Since the start.") { $0.delivered },
        .init("undelivered", .count, "Given up since the start.") { $0.undelivered },
        .maybe("problem", words, "Why the last try came to nothing.") { $0.problem })
}

/// One page of alerts, with the open incidents and all channels.
struct AlertListing: ResponseRecord {
    let view: TriagePage
    let rows: PagedRows<RaisedAlert>

    static let form = ResponseSchema<AlertListing>(
        "AlertPage",
        .init(
            "alerts", .list(of: RaisedAlert.self, 0...Paging.size),
            "The newest first unless `sort` says otherwise."
        ) {
            $0.rows.rows
        },
        .init("count", .count, "Of the whole list.") { $0.rows.count },
        .init("unread", .count, "Alerts that are kept and cannot be read.") { $0.view.unread },
        .init("pages", .whole(1...1_000_000), "How many there are.") { $0.rows.pages },
        .init("incidents", .list(of: Incident.self, 0...1000), "Open ones.") { $0.view.incidents },
        .init("channels", .list(of: ChannelStatus.self, 0...1000), "All of them.") {
            $0.view.channels
        },
        .init(
            "deliveries", .list(of: AlertDeliveries.self, 0...Paging.size),
            "One entry for each alert of this page whose kind is sent to people."
        ) { page in
            page.rows.rows.compactMap { alarm in
                page.view.deliveries[alarm.id].map {
                    AlertDeliveries(alert: alarm.id, channels: $0)
                }
            }
        })
}

/// The deliveries of one alert of a list.
struct AlertDeliveries: Sendable, ResponseRecord {
    let alert: AlertID
    let channels: [AlertDelivery]

    static let form = ResponseSchema<AlertDeliveries>(
        "AlertDeliveries",
        .init("alert", .text(.id), "Its id.") { $0.alert.text },
        .init("channels", .list(of: AlertDelivery.self, 0...1000), "By name.") { $0.channels })
}

extension AlertDetail: ResponseRecord {
    static let form = ResponseSchema<AlertDetail>(
        "AlertStory",
        .init("alert", RaisedAlert.form.shape, "What was noticed.") { $0.alarm },
        .maybe("owner", .text(.plain(1...254)), "Who answers for its agent.") { $0.owner?.address },
        .init("incidents", .list(of: Incident.self, 0...1000), "Of it.") { $0.incidents },
        .init(
            "deliveries", .list(of: AlertDelivery.self, 0...1000), "The channels that hear of it."
        ) { $0.deliveries },
        .init("may_dispose", .truth, "Whether this person may say what it was.") { $0.mayDispose })
}

extension AlertDelivery: ResponseRecord {
    static let form = ResponseSchema<AlertDelivery>(
        "AlertDelivery",
        .init("channel", shortText, "Which.") { $0.channel.text },
        .init(
            "state", .choice(["sent", "waiting", "grouped", "given_up", "unknown"]),
            "`grouped`: counted in a later one; `unknown`: not recorded since the start."
        ) { $0.state.name },
        .maybe("at", .text(.time), "When it was sent or given up.") { $0.state.ended },
        .maybe("cause", .choice(of: UndeliveredCause.self), "Why it was given up.") {
            $0.state.cause?.rawValue
        },
        .maybe("since", .text(.time), "When it began to wait.") { $0.state.queued?.since },
        .maybe("tries", .count, "So far.") { $0.state.queued?.tries },
        .maybe("next", .text(.time), "The next try.") { $0.state.queued?.next })
}

extension AlertDelivery.State {
    fileprivate var name: String {
        switch self {
        case .sent: "sent"
        case .waiting: "waiting"
        case .grouped: "grouped"
        case .givenUp: "given_up"
        case .unknown: "unknown"
        }
    }

    fileprivate var queued: AlertDelivery.Waiting? {
        if case .waiting(let waiting) = self { waiting } else { nil }
    }

    fileprivate var cause: UndeliveredCause? {
        if case .givenUp(let cause, _) = self { cause } else { nil }
    }

    fileprivate var ended: Timestamp? {
        switch self {
        case .sent(let time), .givenUp(_, let time): time
        case .waiting, .grouped, .unknown: nil
        }
    }
}

extension DetectorStatistics: ResponseRecord {
    static let form = ResponseSchema<DetectorStatistics>(
        "Detector",
        .init("detector", shortText, "Which.") { $0.name },
        .init("alerts", .count, "In 30 days.") { $0.alarms },
        .init("disposed", .count, "The number with a disposition.") { $0.judged },
        .init("real", .count, "That were something.") { $0.real },
        .maybe("precision", .whole(0...100), "In percent.") { $0.precision },
        .maybe("low", .whole(0...100), "Of the interval, 95 %.") { $0.interval?.lowerBound },
        .maybe("high", .whole(0...100), "Of the interval, 95 %.") { $0.interval?.upperBound })
}
