import InterlockAPI
import InterlockAdministration
import InterlockEvidence
import InterlockLedger
import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// A record's line in a list, from its leaf, which contains no payload.
struct RecordLine {
    let record: VerifiedRecord

    var time: Timestamp { record.record.time ?? Timestamp(microseconds: 0) }
    var words: RecordHeadline { RecordHeadline(record: record.record) }
    func text(_ name: String) -> String? { record.record.text(name) }

    /// The decision or the outcome, the reason of a denial, and under them code and rule.
    @HTMLBuilder var decision: [HTML] {
        if let finding {
            finding
        } else if let decision = text("dec") ?? text("st") {
            DecisionLabels.html(decision)
        }
        if record.isRefusal {
            ": " + RefusalLabels(record.record).sentence
        }
        if let code = text("code") {
            " "
            element(.span, .style(.muted)) { SafeText.text(code) }
        }
        if let rule = text("rule") {
            " "
            element(.span, .style(.muted)) {
                "by "
                SafeText.text(rule)
            }
        }
    }

    /// The finding of a person about an unknown outcome, in words.
    private var finding: String? {
        guard record.record.type == RecordType.outcomeChecked.rawValue else { return nil }
        return text("as").flatMap(OutcomeFinding.init(rawValue:))?.words
    }

    var mark: HTML { ProofBadge(record: record.index, record.proof).html }

    /// Returns a cell with a text of the leaf, or a dash.
    func cell(_ name: String) -> HTML { text(name).map { .name($0) } ?? .text("–") }

    /// The headline, which leads to the record.
    var link: HTML {
        hyperlink(Link("audit", String(record.index))) { headline }
    }

    @HTMLBuilder var headline: [HTML] {
        if words.isKnown { words.headline } else { SafeText.text(words.headline) }
    }
}

/// The decisions and statuses of records in the words of pages.
enum DecisionLabels {
    private static let words: [String: String] = [
        "allow": "Allowed", "approve": "Approval needed", "deny": "Denied", "ok": "OK",
        "tool_error": "Tool error", "error": "Error", "withheld": "Withheld",
        "cancelled": "Cancelled", "not_executed": "Not executed",
    ]

    @HTMLBuilder static func html(_ word: String) -> [HTML] {
        if let known = words[word] { known } else { SafeText.text(word) }
    }
}
