import InterlockAdministration
import InterlockAlerts
import InterlockJSON
import InterlockModel
import InterlockPorts

private let words = JSONSchemaType.text(.plain(0...65_536))
private let shortText = JSONSchemaType.text(.plain(1...256))

extension RaisedAlert {
    static let form = ResponseSchema<RaisedAlert>(
        "Alert",
        [
            .init("id", .text(.id), "Its own.") { .string($0.id.text) },
            .init("code", shortText, "Stable.") { .string($0.code) },
            .init("at", .text(.time), "When it was raised.") { .time($0.at) },
            .init("severity", .choice(AlertSeverity.allCases.map(\.rawValue)), "How soon.") {
                .string(($0.severity ?? .info).rawValue)
            },
            .init("subject", words, "What it is about.") { .string($0.subject) },
            .init("summary", words, "For people.") { .string($0.text.text) },
            .init("told", .truth, "Whether people are told of its kind.") { .bool($0.isTold) },
            .maybe("agent", shortText, "Which, where it is about one.") {
                $0.agent.map { .string($0.text) }
            },
            .maybe("run", .text(.id), "Which, where it is about one.") {
                $0.run.map { .string($0.text) }
            },
            .maybe("series", shortText, "What was watched.") { $0.series.map(JSONValue.string) },
            .init("detectors", .list(shortText, count: 0...16), "What noticed it.") {
                .array($0.detectors.map(JSONValue.string))
            },
            .maybe("window", AlertWindow.form.shape, "Of a learned series.") {
                $0.window.map(AlertWindow.form.json)
            },
            .maybe("response", words, "Of the gateway itself.") {
                $0.response.map(JSONValue.string)
            },
            .maybe("finding", AlertDisposition.form.shape, "What somebody found it to be.") {
                $0.finding.map(AlertDisposition.form.json)
            },
        ])
}

extension AlertWindow {
    static let form = ResponseSchema<AlertWindow>(
        "AlertWindow",
        [
            .init("seconds", .whole(1...86_400), "The length of one window.") {
                .integer($0.seconds)
            },
            .init("count", .count, "Of the last one.") { .integer(Int64($0.count)) },
            .init("expected", .count, "What is usual.") { .integer(Int64($0.expected)) },
            .init("before", .list(.count, count: 0...100), "The oldest first.") {
                .array($0.before.map { .integer(Int64($0)) })
            },
            .init("readings", .list(Reading.form.shape, count: 0...16), "Of the detectors.") {
                .array($0.readings.map(Reading.form.json))
            },
        ])
}

extension AlertWindow.Reading {
    private static let any: ClosedRange<Int64> =
        -JSONValue.largestInteger...JSONValue.largestInteger

    static let form = ResponseSchema<AlertWindow.Reading>(
        "DetectorReading",
        [
            .init("detector", shortText, "Which.") { .string($0.detector) },
            .init("statistic", .whole(any), "In thousandths.") { .integer($0.statistic) },
            .init("threshold", .whole(any), "In thousandths.") { .integer($0.threshold) },
            .init("over", .truth, "Whether it is passed.") { .bool($0.isOver) },
        ])
}

extension AlertDisposition {
    static let form = ResponseSchema<AlertDisposition>(
        "AlertFinding",
        [
            .init("as", .choice(Disposition.allCases.map(\.rawValue)), "What it was.") {
                .string($0.disposition.rawValue)
            },
            .init("at", .text(.time), "When it was said.") { .time($0.at) },
            .init("by", shortText, "A pseudonym.") { .string($0.by.text) },
            .init("reason", words, "In the person's words.") { .string($0.reason) },
        ])
}

extension Incident {
    static let form = ResponseSchema<Incident>(
        "Incident",
        [
            .init("id", .text(.id), "Its own.") { .string($0.id.text) },
            .init("alert", .text(.id), "From which it was opened.") { .string($0.alarm.text) },
            .init("severity", .whole(1...3), "1 is the worst.") { .integer(Int64($0.severity)) },
            .init("opened", .text(.time), "When.") { .time($0.opened) },
            .maybe("closed", .text(.time), "When; it is open, if left out.") {
                $0.closed.map { .time($0) }
            },
        ])
}

extension ChannelStatus {
    static let form = ResponseSchema<ChannelStatus>(
        "Channel",
        [
            .init("channel", shortText, "Its name.") { .string($0.channel.text) },
            .init("waiting", .count, "Alerts.") { .integer(Int64($0.waiting)) },
            .init("delivered", .count, "Since the start.") { .integer(Int64($0.delivered)) },
            .init("undelivered", .count, "Given up since the start.") {
                .integer(Int64($0.undelivered))
            },
            .maybe("problem", words, "Why the last try came to nothing.") {
                $0.problem.map(JSONValue.string)
            },
        ])
}

/// One page of alerts, with the open incidents and all channels.
struct AlertListing {
    let view: TriagePage
    let rows: PagedRows<RaisedAlert>

    static let form = ResponseSchema<AlertListing>(
        "AlertPage",
        [
            .init(
                "alerts", .list(RaisedAlert.form.shape, count: 0...Paging.size),
                "The newest first."
            ) { .array($0.rows.rows.map(RaisedAlert.form.json)) },
            .init("count", .count, "Of the whole list.") { .integer(Int64($0.rows.count)) },
            .init("unread", .count, "Alerts that are kept and cannot be read.") {
                .integer(Int64($0.view.unread))
            },
            .init("pages", .whole(1...1_000_000), "How many there are.") {
                .integer(Int64($0.rows.pages))
            },
            .init("incidents", .list(Incident.form.shape, count: 0...1000), "Open ones.") {
                .array($0.view.incidents.map(Incident.form.json))
            },
            .init("channels", .list(ChannelStatus.form.shape, count: 0...1000), "All of them.") {
                .array($0.view.channels.map(ChannelStatus.form.json))
            },
        ])
}

extension AlertDetail {
    static let form = ResponseSchema<AlertDetail>(
        "AlertStory",
        [
            .init("alert", RaisedAlert.form.shape, "What was noticed.") {
                RaisedAlert.form.json($0.alarm)
            },
            .maybe("owner", .text(.plain(1...254)), "Who answers for its agent.") {
                $0.owner.map { .string($0.address) }
            },
            .init("incidents", .list(Incident.form.shape, count: 0...1000), "Of it.") {
                .array($0.incidents.map(Incident.form.json))
            },
            .init(
                "deliveries", .list(AlertDelivery.form.shape, count: 0...1000),
                "The channels that hear of it."
            ) { .array($0.deliveries.map(AlertDelivery.form.json)) },
            .init("may_dispose", .truth, "Whether this person may say what it was.") {
                .bool($0.mayDispose)
            },
        ])
}

extension AlertDelivery {
    static let form = ResponseSchema<AlertDelivery>(
        "AlertDelivery",
        [
            .init("channel", shortText, "Which.") { .string($0.channel.text) },
            .init("state", .choice(["waiting", "settled"]), "`settled`: told, or given up.") {
                $0.waiting == nil ? "settled" : "waiting"
            },
            .maybe("tries", .count, "So far.") { $0.waiting.map { .integer(Int64($0.tries)) } },
            .maybe("next", .text(.time), "The next try.") { $0.waiting.map { .time($0.next) } },
        ])
}

extension DetectorStatistics {
    static let form = ResponseSchema<DetectorStatistics>(
        "Detector",
        [
            .init("detector", shortText, "Which.") { .string($0.name) },
            .init("alerts", .count, "In 30 days.") { .integer(Int64($0.alarms)) },
            .init("disposed", .count, "Of which somebody said what they were.") {
                .integer(Int64($0.judged))
            },
            .init("real", .count, "That were something.") { .integer(Int64($0.real)) },
            .maybe("precision", .whole(0...100), "In percent.") {
                $0.precision.map { .integer(Int64($0)) }
            },
            .maybe("low", .whole(0...100), "Of the interval, 95 %.") {
                $0.interval.map { .integer(Int64($0.lowerBound)) }
            },
            .maybe("high", .whole(0...100), "Of the interval, 95 %.") {
                $0.interval.map { .integer(Int64($0.upperBound)) }
            },
        ])
}
