import InterlockAPI
import InterlockAlerts
import InterlockMarkup
import InterlockModel
import InterlockReview
import InterlockReviews

/// The forms by which reviewers state the parts of a review besides its sample. Each is kept at once.
struct ReviewStatementForms {
    /// Nil for the organisation.
    let agent: AgentName?
    let work: ReviewWork
    let formToken: String
    /// The form that was refused last.
    var refused: RefusedForm?

    static let driftPart = Anchor("part-drift")
    static let controlsPart = Anchor("part-controls")
    static let earlierPart = Anchor("part-earlier")
    static let findingsPart = Anchor("part-findings")

    var statement: ReviewStatement { work.statement }

    @HTMLBuilder var content: [HTML] {
        card("Scopes and use", .part) { scopes }
        card("Drift", .part, id: Self.driftPart) { drift }
        card("People and controls", .part, id: Self.controlsPart) { controls }
        if !work.open.isEmpty {
            card("Findings of earlier reviews", .part, id: Self.earlierPart) { earlier }
        }
        card("Findings", .part, id: Self.findingsPart) { findings }
        card("Reviewers and next date", .part) { plan }
    }

    /// A form with its refusal and the values that were typed, if it is the one that was refused.
    ///
    /// - Parameter hidden: the fields that tell it from others of its part.
    func form(
        _ part: StatementPart, _ button: String,
        _ hidden: [(name: StaticString, value: String)] = [],
        @HTMLBuilder _ fields: (FormValues) -> [HTML]
    ) -> HTML {
        var own: RefusedForm?
        if let refused, refused.has("part", part.rawValue),
            hidden.allSatisfy({ refused.has("\($0.name)", $0.value) })
        {
            own = refused
        }
        let values = FormValues(refused: own)
        let shown = fields(values)
        return Form(action: ReviewRoute(agent, .statement).link, formToken: formToken) {
            if let own { own.notice }
            Form.hidden("part", part.rawValue)
            for one in hidden { Form.hidden(one.name, one.value) }
            shown
            element(.button, .style(.approve), .word(.type, "submit")) { button }
        }.html
    }

    @HTMLBuilder private var scopes: [HTML] {
        element(.p) {
            if statement.policy == nil {
                "They were not compared yet. "
            } else if statement.policy != work.policy {
                "The policy changed since they were compared. "
            } else {
                "They were compared under the policy in force. "
            }
            hyperlink(ReviewRoute(agent, .scopes).link) { "Compare scopes with their use" }
            ". The command is "
            element(.code) { "interlock review findings \(work.id.text)" }
            "."
        }
        for (place, decision) in statement.decisions.enumerated() { retire(decision, place) }
    }

    @HTMLBuilder private func retire(_ decision: RetireDecision, _ place: Int) -> [HTML] {
        element(.h3) { SafeText.text(decision.item) }
        element(.p) {
            if let reason = decision.declined {
                "Declined for one period: "
                SafeText.quoted(reason)
            } else {
                "Accepted: it is to be retired."
            }
        }
        form(.retire, "Save decision", [(name: "item", value: decision.item)]) { values in
            Form.field(
                "Reason to decline it (empty: accepted)", Anchor("retire-reason", place),
                Form.line(
                    "reason", Anchor("retire-reason", place),
                    values.value("reason", or: decision.declined)))
        }
    }

    @HTMLBuilder private var drift: [HTML] {
        if work.drift.isEmpty {
            element(.p, .style(.empty)) { "Nothing drifted in the period." }
        }
        for (place, item) in work.drift.enumerated() { self.item(item, place) }
    }

    @HTMLBuilder private func item(_ item: DriftItem, _ place: Int) -> [HTML] {
        element(.h3) {
            ReviewLabels.words(of: item.cause)
            ": "
            if item.cause == .incident, let incident = IncidentID(item.subject) {
                Shape.id(item.subject, AlertsRoute.link(to: incident))
            } else {
                SafeText.text(item.subject)
            }
        }
        form(
            .drift, "Save outcome",
            [
                (name: "cause", value: item.cause.rawValue),
                (name: "subject", value: item.subject), (name: "leaf", value: item.leaf.hex),
            ]
        ) { values in
            Form.select(
                "Tier and classes", "outcome", Anchor("drift-outcome", place),
                [
                    (value: "", words: "no outcome"), (value: "keep", words: "stay"),
                    (value: "raise", words: "are raised"), (value: "lower", words: "are lowered"),
                ], chosen: values.value("outcome", or: item.outcome?.word ?? ""))
            Form.field(
                "Second person, by address, if they are lowered", Anchor("drift-second", place),
                Form.line(
                    "second", Anchor("drift-second", place),
                    values.value("second", or: Self.second(item))))
        }
    }

    private static func second(_ item: DriftItem) -> String? {
        guard case .lower(let second)? = item.outcome else { return nil }
        return second.address
    }

    private var controls: HTML {
        form(.controls, "Save answers") { values in
            for (place, control) in ReviewControl.allCases.enumerated() {
                Form.select(
                    control.question, control.field, Anchor("control", place),
                    [
                        (value: "", words: "not answered"), (value: "yes", words: "in order"),
                        (value: "no", words: "not in order, with a finding"),
                    ], chosen: values.value(control.rawValue, or: answer(to: control)))
                element(.p, .style(.hint)) {
                    hyperlink(evidence(of: control).link) { evidence(of: control).words }
                }
            }
        }
    }

    /// The page that shows what a question is about.
    private func evidence(of control: ReviewControl) -> (words: String, link: Link) {
        let name = agent?.text
        switch control {
        case .alerts:
            let link = Link("alerts", query: [("agent", name), ("disposed", "no")])
            return (words: "Alerts that are not classified", link: link)
        case .drills: return (words: "Drills", link: HaltRoute.list.link)
        case .approvers:
            let link = Link("audit", query: [("type", "approval.granted"), ("agent", name)])
            return (words: "Approvals on record", link: link)
        case .breakGlass:
            let link = Link("audit", query: [("type", "approval.breakglass"), ("agent", name)])
            return (words: "Uses of break-glass on record", link: link)
        case .owner, .credentials, .exceptions, .evals, .promotions:
            guard let name else { return (words: "The agents", link: Link("agents")) }
            return (words: "The agent", link: Link("agents", name))
        }
    }

    private func answer(to control: ReviewControl) -> String {
        guard let answer = statement.controls.first(where: { $0.control == control }) else {
            return ""
        }
        return answer.isInOrder ? "yes" : "no"
    }

    @HTMLBuilder private var plan: [HTML] {
        if work.reviewersNeeded > 1 {
            element(.p) { "An agent of tier high is reviewed by two people." }
        }
        form(.plan, "Save date and reviewers") { values in
            Form.field(
                "Next review, by the end of this day, at the latest \(work.latest.day.text)",
                Anchor("review-next"),
                ReviewSteps.day(
                    "next", Anchor("review-next"),
                    values.value("next", or: next.text) ?? ""))
            Form.field(
                "Other reviewers, by address, separated by commas", Anchor("review-with"),
                Form.line(
                    "with", Anchor("review-with"),
                    values.value(
                        "with", or: statement.others.map(\.address).joined(separator: ", "))))
        }
    }

    /// The day of the next review. A time that ends a day belongs to that day.
    private var next: CivilDate {
        guard let next = statement.next else { return work.latest.day }
        return next == next.day.start ? (next - Duration.seconds(1)).day : next.day
    }
}

extension ReviewControl {
    /// The name of its field; a literal for the page.
    fileprivate var field: StaticString {
        switch self {
        case .owner: "owner"
        case .credentials: "credentials"
        case .exceptions: "exceptions"
        case .approvers: "approvers"
        case .alerts: "alerts"
        case .drills: "drills"
        case .evals: "evals"
        case .promotions: "promotions"
        case .breakGlass: "break-glass"
        }
    }
}
