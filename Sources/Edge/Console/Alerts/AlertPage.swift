import InterlockAPI
import InterlockAdministration
import InterlockAlerts
import InterlockMarkup
import InterlockModel
import InterlockNotification

/// `/alerts/ID`: the cause of an alert, its deliveries, and its disposition.
struct AlertPage {
    let view: AlertDetail
    let formToken: String
    /// True if the viewer may stop agents.
    var canStop = false
    /// The form that was refused.
    var refused: RefusedForm?

    private var alarm: RaisedAlert { view.alarm }

    var header: PageHeader {
        let badge =
            if let finding = alarm.finding {
                StatusBadge(
                    .plain, "Classified: \(AlertLabels.words(of: finding.disposition))",
                    from: "The disposition that a person recorded.")
            } else {
                StatusBadge(.attention, "Open", from: "No disposition is recorded.")
            }
        var header = PageHeader(
            kind: "Alert", back: .init(words: "All alerts", link: Link("alerts")), badge
        ) { AlertNames.title(alarm.code) }
        header.say { AlertNames.message(alarm) }
        header.fact("Severity") { AlertLabels.severity(alarm.severity) }
        header.fact("Raised") { Shape.time(alarm.at) }
        if let agent = alarm.agent { header.fact("By agent") { agent.text } }
        header.fact("Owner", text: view.owner?.address)
        header.fact("Notified") { DeliveryLabels.summary(of: alarm, view.deliveries) }
        let classify =
            view.mayDispose && alarm.finding == nil
            ? HeaderAction("Classify alert", .to(AlertForms.anchor)) : nil
        if let review {
            header.primary = HeaderAction("Open review", review.link)
            header.add(classify)
        } else {
            header.primary = classify
        }
        if canStop, let agent = alarm.agent {
            header.add(
                HeaderAction(
                    "Stop this agent", HaltRoute.link(toStop: .agent(agent)), isDanger: true))
        }
        return header
    }

    /// The review that an alert is about.
    private var review: ReviewRoute? {
        guard AlertNames.isOfReview(alarm.code),
            let agent = alarm.agent ?? AgentName(alarm.subject)
        else { return nil }
        return ReviewRoute(alarm.agent == nil && alarm.subject == "org" ? nil : agent)
    }

    @HTMLBuilder var content: [HTML] {
        if let refused, !view.mayDispose { refused.notice }
        liveCard(Anchor("alert"), "Alert") { facts.html }
        if let window = alarm.window {
            card("Series") { AlertSeries(window: window, name: alarm.series ?? "").content }
        }
        liveCard(Anchor("finding"), "Classification") { finding }
        liveCard(Anchor("told"), "Recipients") { told }
        if view.mayDispose {
            AlertForms(view: view, formToken: formToken, refused: refused).html
        }
    }

    private var facts: Facts {
        var facts = Facts()
        facts.group("Event")
        facts.add("Message") { AlertNames.message(alarm) }
        if let summary = alarm.summary, alarm.window != nil {
            facts.add("Sent as", text: summary.text)
        }
        facts.add("Code") { element(.code) { SafeText.name(alarm.code) } }
        facts.add("When") { Shape.exact(alarm.at) }
        facts.add("Severity") { AlertLabels.severity(alarm.severity) }
        facts.group("Source")
        if let agent = alarm.agent {
            facts.add("Agent") {
                hyperlink(Link("agents", agent.text)) { agent.text }
                view.owner.map { [.text(", owned by "), Shape.person($0)] } ?? []
            }
        }
        facts.add("About", text: alarm.subject)
        if let run = alarm.run {
            facts.add("Run") { element(.code) { run.text } }
        }
        if let record = alarm.record {
            facts.add("Digest of its record") { element(.code) { record.base64 } }
        }
        if !alarm.detectors.isEmpty {
            facts.add("Detectors") {
                for (place, detector) in alarm.detectors.enumerated() {
                    if place > 0 { ", " }
                    AlertLabels.detector(detector)
                }
            }
        }
        facts.add("Response taken") {
            alarm.response.map { SafeText.text($0) } ?? [.text("none")]
        }
        return facts
    }

    @HTMLBuilder private var finding: [HTML] {
        if let finding = alarm.finding {
            said(finding).html
        } else {
            element(.p, .style(.empty)) { "Not classified" }
        }
        if !view.incidents.isEmpty { incidents.html }
    }

    private func said(_ finding: AlertDisposition) -> Facts {
        var facts = Facts()
        facts.add("Classified as") { AlertLabels.words(of: finding.disposition) }
        facts.add("Classified by") {
            Shape.person(view.finder, or: .former)
        }
        facts.add("When") { Shape.time(finding.at) }
        facts.add("Reason", text: finding.reason)
        return facts
    }

    private var incidents: Table {
        Table(
            "Incidents",
            [
                .id("Incident"), .state("Severity (1 is the worst)"), .time("Opened"),
                .time("Closed"),
            ],
            view.incidents
        ) { incident in
            [
                Shape.id(incident.id.text, AlertsRoute.link(to: incident.id)),
                .text("\(incident.severity)"), Shape.time(incident.opened),
                incident.closed.map(Shape.time) ?? .text("open"),
            ]
        }
    }

    @HTMLBuilder private var told: [HTML] {
        if !alarm.isTold {
            element(.p, .style(.empty)) { "It is recorded only: alerts of its kind are not sent." }
        } else if view.deliveries.isEmpty {
            notice(.warning) { "Not sent: no notification channel." }
        } else {
            deliveries.html
        }
    }

    private var deliveries: Table {
        Table(
            "Notification channels", [.name("Channel"), .state("Delivery"), .text("Details")],
            view.deliveries
        ) { delivery in
            [
                .safe(delivery.channel.text), DeliveryLabels.state(delivery.state),
                .group(DeliveryLabels.detail(delivery.state)),
            ]
        }
    }
}

/// The forms for an alert's disposition and its incident. The reason is recorded.
struct AlertForms {
    let view: AlertDetail
    let formToken: String
    var refused: RefusedForm?

    private var values: FormValues { FormValues(refused: refused) }

    static let anchor = Anchor("classify")

    private var open: Incident? { view.incidents.first { $0.closed == nil } }

    var html: HTML {
        card("Classify", id: Self.anchor) {
            Form(action: Link("alerts", view.alarm.id.text, "disposition"), formToken: formToken) {
                if let refused { refused.notice }
                if view.alarm.finding == nil {
                    dispositions
                }
                steps
                if open == nil, view.alarm.agent != nil {
                    element(.p, .style(.muted)) {
                        "An incident demotes the agent at once: severity 1 to stage 0, severity 2 by two stages. It is not promoted for 30 days."
                    }
                }
                Form.field(
                    "Why (1 to \(AlertDisposition.longestReason) characters, recorded)",
                    Anchor("reason"),
                    values.area(
                        "reason", Anchor("reason"), rows: 3,
                        longest: AlertDisposition.longestReason, isRequired: true))
                element(.button, .style(.approve), .word(.type, "submit")) { "Save" }
            }.html
        }
    }

    private var dispositions: HTML {
        Form.select(
            "It was", "as", Anchor("as"),
            [(value: "", words: "not said now")]
                + Disposition.allCases.map {
                    (value: $0.rawValue, words: AlertLabels.words(of: $0))
                },
            chosen: values.value("as"))
    }

    private var steps: HTML {
        Form.select(
            "Incident", "incident", Anchor("incident"),
            [(value: "", words: "as it is")] + choices, chosen: values.value("incident"))
    }

    private var choices: [(value: String, words: String)] {
        guard open == nil else { return [(value: "close", words: "close it")] }
        return Incident.severities.map { severity in
            (
                value: "\(severity)",
                words: severity == 1
                    ? "open one of severity 1, the worst" : "open one of severity \(severity)"
            )
        }
    }
}
