import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// `/audit/INDEX`: one record in full, with its proof.
struct RecordPage {
    let view: RecordEvidence
    /// The time at which the record was read and proved.
    let checked: Timestamp
    /// Returns true for the name of a rule of the policy in force that the viewer may see.
    var isRule: (String) -> Bool = { _ in false }
    /// The findings of people; nil unless the record says that an outcome is unknown.
    var outcome: OutcomeCard?
    /// The policy in force, which declares the units of arguments.
    var policy: (any PolicyQueries)?

    private var line: RecordLine { RecordLine(record: view.record) }
    var title: String { "Record \(view.record.index)" }

    var header: PageHeader {
        let (look, words): (StatusBadge.Kind, String) =
            switch view.record.isRefusal ? "deny" : line.text("dec") {
            case "deny": (.denied, "Denied")
            case "allow": (.allowed, "Allowed")
            case "approve": (.plain, "Approval requested")
            default: (.plain, "Recorded")
            }
        var header = PageHeader(
            back: .init(words: "Audit log", link: Link("audit")),
            StatusBadge(
                look, words, from: "What the record says; its mark says whether it is proved.")
        ) {
            "Record \(view.record.index): "
            line.headline
        }
        if let words = RefusalLabels(view) {
            header.say { words.sentence }
        } else if let subjects = line.words.subjects {
            header.say { SafeText.text(subjects) }
        }
        header.fact("Time") { Shape.exact(line.time) }
        header.fact("Agent", text: line.text("agent"))
        header.fact("Tool", text: line.text("tool"))
        header.fact("Proof") { line.mark }
        if let run = view.record.run {
            header.add(HeaderAction("Show run", Link("runs", run.text)))
        }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        if let words = RefusalLabels(view) { card("Why it was denied", .part) { why(words) } }
        if let outcome { outcome.html }
        card("Facts", .part) { record }
        payloads
        IndexNotices(fault: view.fault, unsearched: view.unsearched).html
        if !view.others.isEmpty { card("Related records", .part) { others } }
        card("Proof", .part) { proof }
    }

    private func why(_ words: RefusalLabels) -> [HTML] {
        var facts = Facts()
        facts.add("Reason") { words.sentence }
        facts.add("More", text: words.detail)
        if let rule = words.rule, isRule(rule) {
            facts.add("Rule") { PolicyLabels.rule(rule) }
        } else {
            facts.add("Rule", text: words.rule)
        }
        facts.add("Defined in", text: words.place)
        facts.add("Code", text: view.record.record.text("code"))
        facts.add("What would allow it") { words.wouldAllow ?? "The record does not say." }
        return [facts.html]
    }

    @HTMLBuilder private var record: [HTML] {
        RecordFields(
            record: view.record.record, bytes: view.record.bytes,
            omitted: view.record.isRefusal ? ["rule", "at", "code"] : []
        ).html
        if let run = view.record.run {
            element(.p, .style(.row)) { hyperlink(Link("runs", run.text)) { "Show run" } }
        }
    }

    @HTMLBuilder private var payloads: [HTML] {
        if let payloads = view.payloads {
            for payload in payloads {
                element(.section, .style(.card, .part)) {
                    element(.h2) {
                        if let label = FieldLabels.label(payload.field) {
                            label
                            " "
                            element(.code, .style(.muted)) { SafeText.text(payload.field) }
                        } else {
                            "Payload "
                            SafeText.text(payload.field)
                        }
                    }
                    RecordedPayload(payload: payload, record: view.record.record, policy: policy)
                        .content
                }
            }
        } else {
            element(.p, .style(.muted)) {
                "Arguments and results require the agent's owner or role security."
            }
        }
    }

    private var others: HTML {
        Table(
            "Other records of this call, oldest first",
            [
                .name("Event"), .time("When"), .text("Decision"), .id("Record"), .state("Proof"),
            ],
            view.others, isLinked: true
        ) { other in
            let line = RecordLine(record: other)
            return [
                line.link, Shape.time(line.time), .group(line.decision), .text("\(other.index)"),
                line.mark,
            ]
        }.html
    }

    @HTMLBuilder private var proof: [HTML] {
        proofFacts
        ProofFiles.record(view.record.index).content
    }

    private var proofFacts: HTML {
        var facts = ProofBadge.facts(view.record.proof)
        facts.add("Proved") { Shape.time(checked) }
        facts.add("Record") { "\(view.record.index)" }
        facts.add("Leaf hash") { element(.code) { view.record.hash.base64 } }
        facts.add("Path, from the leaf up") {
            if view.proof.hashes.isEmpty { "none: it is the only record" }
            element(.ol) {
                for hash in view.proof.hashes { element(.li) { element(.code) { hash.base64 } } }
            }
        }
        return facts.html
    }
}
