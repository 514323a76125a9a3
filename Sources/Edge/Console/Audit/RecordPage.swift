import InterlockAdministration
import InterlockJSON
import InterlockLedger
import InterlockModel

/// `/audit/INDEX`: one record in full, with its proof.
struct RecordPage {
    let view: RecordEvidence
    /// Returns true for the name of a rule of the policy in force that the viewer may see.
    var isRule: (String) -> Bool = { _ in false }

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
            StatusBadge(look, words, from: "The record, \(line.proof).")
        ) {
            "Record \(view.record.index): "
            SafeText.text(view.record.record.type)
        }
        if let words = RefusalLabels(view) { header.say { words.sentence } }
        header.fact("Time") { Shape.time(line.time) }
        header.fact("Agent", text: line.text("agent"))
        header.fact("Tool", text: line.text("tool"))
        header.fact("Cosigned by") { Shape.count(view.record.cosigners, "witness", "witnesses") }
        if let run = view.record.run {
            header.add(HeaderAction("Show run", Link("runs", run.text)))
        }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        if let words = RefusalLabels(view) { card("Why it was denied", .part) { why(words) } }
        card("The record", .part) { record }
        payloads
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
        facts.add("Position", text: words.place)
        facts.add("Code", text: view.record.record.text("code"))
        facts.add("What would allow it") { words.wouldAllow ?? "The record does not say." }
        return [facts.html]
    }

    private var record: [HTML] {
        var facts = Facts()
        facts.add("When") { Shape.exact(line.time) }
        for (name, value) in view.record.record.object.members {
            facts.add(name) { SafeText.value(value) }
        }
        return [
            facts.html,
            element(.p, .style(.row)) {
                if let run = view.record.run {
                    hyperlink(Link("runs", run.text)) { "The run" }
                }
            },
        ]
    }

    @HTMLBuilder private var payloads: [HTML] {
        if let payloads = view.payloads {
            for payload in payloads {
                element(.section, .style(.card, .part)) {
                    element(.h2) {
                        "Payload "
                        SafeText.text(payload.field)
                    }
                    PayloadView(payload: payload).content
                }
            }
        } else {
            element(.p, .style(.muted)) {
                "What the call was made with and what it got is not for you to read."
            }
        }
    }

    private var others: HTML {
        Table(
            "Other records of this call, the oldest first",
            [.id("Record"), .time("When"), .name("Type"), .text("Decision"), .text("Proof")],
            view.others, isLinked: true
        ) { other in
            let line = RecordLine(record: other)
            return [
                line.link, Shape.time(line.time), .safe(other.record.type),
                .group(line.said.flatMap { SafeText.text($0) + [.text(" ")] }), .text(line.proof),
            ]
        }.html
    }

    private var proof: [HTML] {
        var facts = Facts()
        facts.add("Proved") { line.proof }
        facts.add("Index") { "\(view.record.index)" }
        facts.add("Leaf hash") { element(.code) { view.record.hash.base64 } }
        facts.add("Size of the log") { "\(view.record.size)" }
        facts.add("Root") { element(.code) { view.root.base64 } }
        facts.add("Path, from the leaf up") {
            if view.proof.hashes.isEmpty { "none: it is the only record" }
            element(.ol) {
                for hash in view.proof.hashes { element(.li) { element(.code) { hash.base64 } } }
            }
        }
        let index = String(view.record.index)
        return [
            facts.html,
            element(.p, .style(.row)) {
                hyperlink(Link("audit", index, "proof"), .flag(.isFile)) { "Download the proof" }
                " "
                hyperlink(Link("audit", index, "record"), .flag(.isFile)) {
                    "Download the record as it is stored"
                }
            },
            element(.p, .style(.hint)) {
                "Check both with a key that you did not get from here: "
                element(.code) {
                    "interlock-verify --trust YOUR-trust.policy record-\(index).tlog-proof record-\(index).json"
                }
            },
        ]
    }
}
