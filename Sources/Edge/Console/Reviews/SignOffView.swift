import InterlockMarkup
import InterlockModel
import InterlockReview

/// A sign-off in plain words: each value of the document that people sign. Digests and ids are short, with the whole in the
/// title.
///
/// INVARIANT: no member of the document is left out. Kept by `SignOffViewTests`.
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
        facts.group("Review")
        facts.add("Organisation", text: signOff.org)
        facts.add("Review") { Shape.id(signOff.review.text) }
        facts.add("Scope", text: signOff.scope.text)
        facts.add("From") { Shape.exact(signOff.period.start) }
        facts.add("To") { Shape.exact(signOff.period.end) }
        facts.add("Dated") { Shape.exact(signOff.date) }
        facts.add("Next review due") { ReviewLabels.end(signOff.next) }
        facts.add("Reviewers") { PolicyLabels.people(signOff.reviewers) }
        facts.group("Read and decided")
        facts.add("Sample") { Shape.digest(signOff.sample.prefixed) }
        facts.add("Marks") { Shape.digest(signOff.marks.prefixed) }
        facts.add("Policy") { Shape.digest(signOff.policy.prefixed) }
        facts.add("Patch that retires") {
            signOff.retire.map { Shape.digest($0.prefixed) } ?? .text("none")
        }
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
                .number("Number"), .state("Severity"), .text("Finding"), .text("About"),
                .name("Owner"), .time("Due"),
            ],
            signOff.findings, isBroad: true
        ) { finding in
            [
                .text(String(finding.number)), .text(String(finding.severity.rawValue)),
                .safe(finding.text), Self.subject(of: finding), Shape.person(finding.owner),
                ReviewLabels.end(finding.due),
            ]
        }
    }

    /// The record and the question that a finding is about.
    private static func subject(of finding: ReviewFinding) -> HTML {
        var parts: [HTML] = []
        if let leaf = finding.leaf {
            parts += [.text("record "), Shape.digest(leaf.prefixed)]
        }
        if let control = finding.control {
            parts.append(.text((parts.isEmpty ? "" : ", ") + control.text))
        }
        return parts.isEmpty ? .text("–") : .group(parts)
    }

    private var earlier: Table {
        Table(
            "Findings of earlier reviews",
            [
                .id("Review"), .number("Number"), .state("Severity"), .text("Finding"),
                .text("About"), .state("Outcome"), .name("Says"), .name("Owner"), .time("Due"),
            ],
            signOff.earlier, isBroad: true
        ) { one in
            let finding = one.open.finding
            return [
                Shape.id(one.open.review.text), .text(String(finding.number)),
                .text(String(finding.severity.rawValue)), .safe(finding.text),
                Self.subject(of: finding),
                one.isMended ? badge("mended", .muted) : badge("still open", .warning),
                Shape.person(one.by), Shape.person(finding.owner), ReviewLabels.end(finding.due),
            ]
        }
    }

    private var drift: Table {
        Table(
            "Drift",
            [
                .text("Change"), .name("Subject"), .id("Record"), .state("Tier and classes"),
            ], signOff.drift
        ) { item in
            [
                .text(ReviewLabels.words(of: item.cause)), .safe(item.subject),
                Shape.digest(item.leaf.prefixed), .text(ReviewLabels.words(of: item.outcome)),
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
