import InterlockMarkup
import InterlockModel
import InterlockReview

/// A sign-off in plain words: each value of the document that people sign, besides its digests in short.
struct SignOffView {
    let signOff: ReviewSignOff

    @HTMLBuilder var content: [HTML] {
        facts.html
        if !signOff.controls.isEmpty { controls.html }
        if !signOff.earlier.isEmpty { earlier.html }
        findings.html(or: "Nothing was found.")
        if !signOff.drift.isEmpty { drift.html }
        if !signOff.decisions.isEmpty { decisions.html }
        for warning in signOff.warnings { notice(.warning) { SafeText.text(warning) } }
    }

    private var facts: Facts {
        var facts = Facts()
        facts.add("Dated") { Shape.exact(signOff.date) }
        facts.add("From") { Shape.exact(signOff.period.start) }
        facts.add("To") { Shape.exact(signOff.period.end) }
        facts.add("Next review due") { ReviewLabels.end(signOff.next) }
        facts.add("Reviewers") { PolicyLabels.people(signOff.reviewers) }
        facts.add("Sample") { Shape.digest(signOff.sample.prefixed) }
        facts.add("Marks") { Shape.digest(signOff.marks.prefixed) }
        facts.add("Policy") { Shape.digest(signOff.policy.prefixed) }
        facts.add(
            "Retired",
            text: "\(signOff.decisions.count { $0.declined == nil }) accepted, "
                + "\(signOff.decisions.count { $0.declined != nil }) declined")
        facts.add("Items of drift", text: String(signOff.drift.count))
        return facts
    }

    private var controls: Table {
        Table(
            "People and controls", [.text("Question"), .state("Answer")], signOff.controls
        ) { answer in
            [
                .text(answer.control.question),
                answer.isInOrder ? badge("in order", .muted) : badge("not in order", .bad),
            ]
        }
    }

    private var findings: Table {
        Table(
            "Findings",
            [
                .number("Number"), .state("Severity"), .text("Finding"), .name("Owner"),
                .time("Due"),
            ],
            signOff.findings
        ) { finding in
            [
                .text(String(finding.number)), .text(String(finding.severity.rawValue)),
                .safe(finding.text), Shape.person(finding.owner), ReviewLabels.end(finding.due),
            ]
        }
    }

    private var earlier: Table {
        Table(
            "Findings of earlier reviews",
            [
                .text("Finding"), .state("Outcome"), .name("Says"), .name("Owner"),
                .time("Due"),
            ],
            signOff.earlier
        ) { one in
            [
                .safe(one.open.finding.text),
                one.isMended ? badge("mended", .muted) : badge("still open", .warning),
                Shape.person(one.by), Shape.person(one.open.finding.owner),
                ReviewLabels.end(one.open.finding.due),
            ]
        }
    }

    private var drift: Table {
        Table(
            "Drift", [.text("Change"), .name("Subject"), .state("Tier and classes")], signOff.drift
        ) { item in
            [
                .text(ReviewLabels.words(of: item.cause)), .safe(item.subject),
                .text(ReviewLabels.words(of: item.outcome)),
            ]
        }
    }

    private var decisions: Table {
        Table("To be retired", [.name("Item"), .text("Decision")], signOff.decisions) { one in
            [
                .safe(one.item),
                one.declined.map { HTML.safe("declined: " + $0) } ?? .text("accepted"),
            ]
        }
    }
}
