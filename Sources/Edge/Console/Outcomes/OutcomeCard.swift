import InterlockAPI
import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockMarkup
import InterlockModel

/// The findings of people about a call whose outcome is unknown, and the form for another; part of the page of its
/// record.
struct OutcomeCard {
    private struct Finding {
        let record: VerifiedRecord
        let finding: OutcomeFinding
        /// Is nil if the person is no longer enrolled.
        let person: Person?
    }

    private let index: UInt64
    private let findings: [Finding]
    /// True if the call ended after all, and the log says how.
    private let isKnown: Bool
    private let mayCheck: Bool
    private let formToken: String
    /// The reason a submitted form was refused.
    private let refusal: String?

    /// - Parameter name: returns the person of a pseudonym.
    /// - Returns: nil for any other record.
    init?(
        _ view: RecordEvidence, reader: Visibility, formToken: String, refusal: String?,
        name: (Pseudonym) -> Person?
    ) {
        guard view.record.record.type == RecordType.callUnknown.rawValue else { return nil }
        index = view.record.index
        let intent = view.record.record.digest("intent")
        let others = view.others.filter { $0.record.digest("intent") == intent }
        isKnown = others.contains { $0.record["late"]?.bool == true }
        findings = others.compactMap { other in
            guard other.record.type == RecordType.outcomeChecked.rawValue,
                let finding = other.record.text("as").flatMap(OutcomeFinding.init(rawValue:))
            else { return nil }
            return Finding(
                record: other, finding: finding,
                person: other.record.text("by").flatMap { name(Pseudonym(text: $0)) })
        }
        mayCheck = reader.mayCheckOutcomes(of: view.record.agent)
        self.formToken = formToken
        self.refusal = refusal
    }

    private var isOpen: Bool { !isKnown && findings.last?.finding.isFinal != true }

    var html: HTML {
        card("Outcome unknown", .part) {
            if let refusal {
                notice(.bad) {
                    "Not done: "
                    SafeText.text(refusal)
                    "."
                }
            }
            if isKnown {
                element(.p) { "The call ended later. The related records say how." }
            } else if findings.isEmpty {
                element(.p) {
                    "It is not known whether the call took effect. A person has to find out at its server."
                }
            }
            for finding in findings { facts(of: finding).html }
            if isOpen && mayCheck { form }
        }
    }

    private func facts(of finding: Finding) -> Facts {
        let line = RecordLine(record: finding.record)
        var facts = Facts()
        facts.add("Found") { finding.finding.words }
        facts.add("Checked by") {
            finding.person.map { SafeText.text($0.address) }
                ?? [.text("A person who is not enrolled")]
        }
        facts.add("When") { Shape.time(line.time) }
        facts.add("Comment and proof") {
            "Record "
            line.link
        }
        return facts
    }

    private var form: HTML {
        Form(action: Link("audit", String(index), "check"), formToken: formToken) {
            Form.select(
                "What you found", "found", Anchor("found"),
                OutcomeFinding.allCases.map { (value: $0.rawValue, words: $0.words) }, chosen: nil)
            Form.field(
                "Comment (required for Still unknown, recorded)", Anchor("comment"),
                element(
                    .textarea, .word(.name, "comment"), .id(Anchor("comment")),
                    .number(.rows, 3),
                    .number(.maxlength, UnknownOutcomeService.longestComment)))
            element(.button, .style(.approve), .word(.type, "submit")) { "Mark as checked" }
        }.html
    }
}
