import InterlockAPI
import InterlockAlerts
import InterlockJSON
import InterlockMarkup
import InterlockModel

/// `/alerts/incidents/ID`: what an incident is about, what people did, and how it ended.
struct IncidentPage {
    let incident: Incident
    let mayHandle: Bool
    let formToken: String
    /// The form that was refused.
    var refused: RefusedForm?

    var header: PageHeader {
        let badge =
            incident.isOpen
            ? StatusBadge(.attention, "Open", from: "No end of it is recorded.")
            : StatusBadge(.plain, "Closed", from: "The end that a person recorded.")
        var header = PageHeader(
            "Incident", back: .init(words: "All alerts", link: Link("alerts")),
            badge)
        header.fact("Severity (1 is the worst)") { "\(incident.severity)" }
        header.fact("Opened") { Shape.time(incident.opened) }
        if let agent = incident.agent { header.fact("Agent") { agent.text } }
        if let cause = incident.end?.cause {
            header.fact("Cause") { IncidentLabels.words(of: cause) }
        }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        if let refused, !mayHandle || !incident.isOpen { refused.notice }
        liveCard(Anchor("incident"), "Incident") { facts.html }
        liveCard(Anchor("actions"), "Actions") {
            actions.html(or: "No action is recorded")
        }
        if mayHandle, incident.isOpen {
            let forms = IncidentForms(
                incident: incident, formToken: formToken, refused: refused)
            forms.action
            forms.end
        }
    }

    private var facts: Facts {
        var facts = Facts()
        facts.group("Opening")
        facts.add("Id") { element(.code) { incident.id.text } }
        facts.add("When") { Shape.exact(incident.opened) }
        switch incident.origin {
        case .person(_, let reason): facts.add("Reason", text: reason)
        case .gateway(let trigger): facts.add("Opened by the gateway") { trigger.text }
        case .earlier: break
        }
        facts.group("About")
        if let agent = incident.agent {
            facts.add("Agent") { hyperlink(Link("agents", agent.text)) { agent.text } }
        }
        if let run = incident.run { facts.add("Run") { Shape.run(run) } }
        if let alarm = incident.alarm {
            facts.add("Alert") { Shape.id(alarm.text, AlertsRoute.link(to: alarm)) }
        }
        guard let end = incident.end else { return facts }
        facts.group("End")
        facts.add("When") { Shape.exact(end.at) }
        if let cause = end.cause { facts.add("Cause") { IncidentLabels.words(of: cause) } }
        facts.add("Reason", text: end.reason)
        return facts
    }

    private var actions: Table {
        Table(
            "Actions, the oldest first",
            [.time("When"), .text("What was done"), .name("Eval case")],
            incident.actions
        ) { action in
            [
                Shape.time(action.at), .group(SafeText.text(action.text)),
                .group(action.evalCase.map { SafeText.name($0) } ?? []),
            ]
        }
    }
}

/// The forms by which people handle an open incident. What they write is recorded.
struct IncidentForms {
    let incident: Incident
    let formToken: String
    var refused: RefusedForm?

    /// The refused form, if it is the one of this step.
    private func own(_ step: String) -> RefusedForm? {
        refused.flatMap { sameBytes($0.step, step) ? $0 : nil }
    }

    var action: HTML {
        let own = own("act")
        let values = FormValues(refused: own)
        return card("Record an action", id: Anchor("act")) {
            Form(
                action: Link("alerts", "incidents", incident.id.text, "actions"),
                formToken: formToken
            ) {
                if let own { own.notice }
                words("What was done", Anchor("did"), values)
                Form.field(
                    "Eval case that was made from it (optional)", Anchor("case"),
                    Form.line("case", Anchor("case"), values.value("case")))
                element(.button, .style(.approve), .word(.type, "submit")) { "Save" }
            }.html
        }
    }

    var end: HTML {
        let own = own("close")
        let values = FormValues(refused: own)
        return card("Close", id: Anchor("close")) {
            Form(
                action: Link("alerts", "incidents", incident.id.text, "end"), formToken: formToken
            ) {
                if let own { own.notice }
                Form.select(
                    "Cause", "cause", Anchor("cause"),
                    IncidentCause.allCases.map {
                        (value: $0.rawValue, words: IncidentLabels.words(of: $0))
                    },
                    chosen: values.value("cause"))
                words("Why", Anchor("why"), values)
                element(.p, .style(.muted)) {
                    "It stays closed. The agent gets its autonomy back by a promotion alone."
                }
                element(.button, .style(.approve), .word(.type, "submit")) { "Close incident" }
            }.html
        }
    }

    private func words(_ label: String, _ id: Anchor, _ values: FormValues) -> HTML {
        Form.field(
            "\(label) (1 to \(Incident.longestText) characters, recorded)", id,
            values.area("reason", id, rows: 3, longest: Incident.longestText, isRequired: true))
    }
}

enum IncidentLabels {
    static func words(of cause: IncidentCause) -> String {
        switch cause {
        case .attack: "an attack"
        case .fault: "a fault"
        case .policy: "the policy"
        case .agent: "the agent"
        case .other: "another one"
        }
    }
}
