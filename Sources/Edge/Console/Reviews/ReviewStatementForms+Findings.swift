import InterlockMarkup
import InterlockModel
import InterlockReview
import InterlockReviews

// The findings of a review, and those of earlier ones that are open.
extension ReviewStatementForms {
    /// The subject of a new finding.
    private enum Subject {
        case record(SampledRecord)
        case control(ReviewControl)
        case other

        var leaf: String {
            if case .record(let record) = self { record.leaf.hex } else { "" }
        }

        var control: String {
            if case .control(let control) = self { control.rawValue } else { "" }
        }
    }

    @HTMLBuilder var earlier: [HTML] {
        element(.p) {
            "Each is called mended, or stays open with its date, by a reviewer who does not own it."
        }
        for (place, open) in work.open.enumerated() { self.open(open, place) }
    }

    @HTMLBuilder private func open(_ open: OpenFinding, _ place: Int) -> [HTML] {
        let finding = open.finding
        let outcome = statement.earlier.first { $0.isAbout(open) }
        element(.h3) {
            "Severity \(finding.severity.rawValue): "
            SafeText.text(finding.text)
        }
        element(.p) {
            "Owned by "
            Shape.person(finding.owner)
            ", due "
            ReviewLabels.end(finding.due)
            if let outcome {
                outcome.isMended ? ". Mended, says " : ". Still open, says "
                Shape.person(outcome.by)
            }
        }
        form(
            .earlier, "Save outcome",
            [
                (name: "review", value: open.review.text),
                (name: "number", value: String(finding.number)),
            ]
        ) { values in
            Form.select(
                "This finding is", "outcome", Anchor("earlier-outcome", place),
                [
                    (value: "", words: "not said yet"), (value: "mended", words: "mended"),
                    (value: "open", words: "still open, with its date"),
                ],
                chosen: values.value(
                    "outcome", or: outcome.map { $0.isMended ? "mended" : "open" } ?? ""))
        }
    }

    @HTMLBuilder var findings: [HTML] {
        for finding in statement.findings { shown(finding) }
        for (place, record) in unstated.enumerated() {
            element(.h3) { "Record \(record.index) is marked as a finding" }
            adding(.record(record), place + 1)
        }
        for (place, control) in unfounded.enumerated() {
            element(.h3) { "Not in order: \(control.text)" }
            adding(.control(control), work.marked.records.count + place + 1)
        }
        element(.h3) { "Another finding" }
        adding(.other, 0)
    }

    /// The records that are marked as a finding, and of which none is stated.
    private var unstated: [SampledRecord] {
        work.marked.records.filter { record in
            guard case .finding? = work.marked.marks[record.leaf]?.judgement else { return false }
            return !statement.findings.contains { $0.leaf == record.leaf }
        }
    }

    /// The questions whose answer is not in order, and about which no finding is open.
    private var unfounded: [ReviewControl] {
        statement.controls.filter { !$0.isInOrder }.map(\.control).filter { control in
            let isStated = statement.findings.contains { $0.control == control }
            let isOpen = work.open.contains { open in
                open.finding.control == control
                    && statement.earlier.contains { $0.isAbout(open) && !$0.isMended }
            }
            return !isStated && !isOpen
        }
    }

    @HTMLBuilder private func shown(_ finding: ReviewFinding) -> [HTML] {
        element(.p) {
            "\(finding.number), severity \(finding.severity.rawValue): "
            SafeText.text(finding.text)
            ", owned by "
            Shape.person(finding.owner)
            ", due "
            ReviewLabels.end(finding.due)
        }
        form(
            .removal, "Take finding \(finding.number) back",
            [(name: "number", value: String(finding.number))]
        ) { _ in [] }
    }

    private func adding(_ subject: Subject, _ place: Int) -> HTML {
        form(
            .finding, "Add finding",
            [(name: "leaf", value: subject.leaf), (name: "control", value: subject.control)]
        ) { values in
            Form.select(
                "Severity", "severity", Anchor("finding-severity", place),
                [
                    (value: "1", words: "1, the worst"), (value: "2", words: "2"),
                    (value: "3", words: "3"),
                ], chosen: values.value("severity", or: severity(of: subject)))
            Form.field(
                "What was found (1 to 1,000 bytes)", Anchor("finding-text", place),
                values.area("text", Anchor("finding-text", place), rows: 2, longest: 1_000))
            Form.field(
                "Who mends it, by address", Anchor("finding-owner", place),
                Form.line("owner", Anchor("finding-owner", place), values.value("owner")))
            Form.field(
                "Until the end of", Anchor("finding-due", place),
                ReviewSteps.day(
                    "due", Anchor("finding-due", place), values.value("due") ?? ""))
        }
    }

    private func severity(of subject: Subject) -> String {
        guard case .record(let record) = subject,
            case .finding(let severity)? = work.marked.marks[record.leaf]?.judgement
        else { return "3" }
        return String(severity.rawValue)
    }
}
