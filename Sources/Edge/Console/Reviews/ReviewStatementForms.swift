import InterlockAPI
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

    private var statement: ReviewStatement { work.statement }

    @HTMLBuilder var content: [HTML] {
        card("Scopes and use", .part) { scopes }
        card("Drift", .part) { drift }
        card("People and controls", .part) { controls }
        card("Findings", .part) { findings }
        card("Reviewers and next date", .part) { plan }
    }

    private func form(
        _ part: StatementPart, _ button: String, @HTMLBuilder _ fields: () -> [HTML]
    ) -> HTML {
        Form(action: ReviewRoute(agent, .statement).link, formToken: formToken) {
            Form.hidden("part", part.rawValue)
            fields()
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
        form(.retire, "Save decision") {
            Form.hidden("item", decision.item)
            Form.field(
                "Reason to decline it (empty: accepted)", Anchor("retire-reason", place),
                Form.line("reason", Anchor("retire-reason", place), decision.declined))
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
            Self.words(of: item.cause)
            ": "
            SafeText.text(item.subject)
        }
        form(.drift, "Save outcome") {
            Form.hidden("cause", item.cause.rawValue)
            Form.hidden("subject", item.subject)
            Form.hidden("leaf", item.leaf.hex)
            Form.select(
                "Tier and classes", "outcome", Anchor("drift-outcome", place),
                [
                    (value: "", words: "no outcome"), (value: "keep", words: "stay"),
                    (value: "raise", words: "are raised"), (value: "lower", words: "are lowered"),
                ], chosen: item.outcome?.word ?? "")
            Form.field(
                "Second person, by address, if they are lowered", Anchor("drift-second", place),
                Form.line("second", Anchor("drift-second", place), Self.second(item)))
        }
    }

    private static func second(_ item: DriftItem) -> String? {
        guard case .lower(let second)? = item.outcome else { return nil }
        return second.address
    }

    private static func words(of cause: DriftItem.Cause) -> String {
        switch cause {
        case .toolChanged: "A tool changed"
        case .newVersion: "A new version of a server"
        case .serverUntrusted: "A server in quarantine"
        case .undeclaredEffect: "An effect that the policy does not declare"
        case .incident: "An incident"
        case .gateChanged: "A check of a change of the merge gate"
        }
    }

    private var controls: HTML {
        form(.controls, "Save answers") {
            for (place, control) in ReviewControl.allCases.enumerated() {
                Form.select(
                    control.question, control.field, Anchor("control", place),
                    [
                        (value: "", words: "not answered"), (value: "yes", words: "in order"),
                        (value: "no", words: "not in order, with a finding"),
                    ], chosen: answer(to: control))
            }
        }
    }

    private func answer(to control: ReviewControl) -> String {
        guard let answer = statement.controls.first(where: { $0.control == control }) else {
            return ""
        }
        return answer.isInOrder ? "yes" : "no"
    }

    @HTMLBuilder private var findings: [HTML] {
        for finding in statement.findings { shown(finding) }
        for (place, record) in unstated.enumerated() {
            element(.h3) { "Record \(record.index) is marked as a finding" }
            adding(record, place + 1)
        }
        element(.h3) { "Another finding" }
        adding(nil, 0)
    }

    /// The records that are marked as a finding, and of which none is stated.
    private var unstated: [SampledRecord] {
        work.marked.records.filter { record in
            guard case .finding? = work.marked.marks[record.leaf]?.judgement else { return false }
            return !statement.findings.contains { $0.leaf == record.leaf }
        }
    }

    @HTMLBuilder private func shown(_ finding: ReviewFinding) -> [HTML] {
        element(.p) {
            "\(finding.number), severity \(finding.severity.rawValue): "
            SafeText.text(finding.text)
            ", by "
            Shape.person(finding.owner)
            ", due "
            Shape.exact(finding.due)
        }
        form(.removal, "Take finding \(finding.number) back") {
            Form.hidden("number", String(finding.number))
        }
    }

    private func adding(_ record: SampledRecord?, _ place: Int) -> HTML {
        form(.finding, "Add finding") {
            Form.hidden("leaf", record?.leaf.hex ?? "")
            Form.select(
                "Severity", "severity", Anchor("finding-severity", place),
                [
                    (value: "1", words: "1, the worst"), (value: "2", words: "2"),
                    (value: "3", words: "3"),
                ], chosen: record.flatMap { severity(of: $0) } ?? "3")
            Form.field(
                "What was found (1 to 1,000 bytes)", Anchor("finding-text", place),
                element(
                    .textarea, .word(.name, "text"), .id(Anchor("finding-text", place)),
                    .number(.rows, 2), .number(.maxlength, 1_000)))
            Form.field(
                "Who mends it, by address", Anchor("finding-owner", place),
                Form.line("owner", Anchor("finding-owner", place), nil))
            Form.field(
                "Until the end of", Anchor("finding-due", place),
                ReviewSteps.day("due", Anchor("finding-due", place), nil))
        }
    }

    private func severity(of record: SampledRecord) -> String? {
        guard case .finding(let severity)? = work.marked.marks[record.leaf]?.judgement else {
            return nil
        }
        return String(severity.rawValue)
    }

    @HTMLBuilder private var plan: [HTML] {
        if work.reviewersNeeded > 1 {
            element(.p) { "An agent of tier high is reviewed by two people." }
        }
        form(.plan, "Save date and reviewers") {
            Form.field(
                "Next review, at the latest \(work.latest.day.text)", Anchor("review-next"),
                ReviewSteps.day(
                    "next", Anchor("review-next"), statement.next?.day ?? work.latest.day))
            Form.field(
                "Other reviewers, by address, separated by commas", Anchor("review-with"),
                Form.line(
                    "with", Anchor("review-with"),
                    statement.others.map(\.address).joined(separator: ", ")))
        }
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

    /// The question as the beginning of a line.
    fileprivate var question: String { text.prefix(1).uppercased() + text.dropFirst() }
}
