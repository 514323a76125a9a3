import InterlockLedger
import InterlockMarkup
import InterlockModel

/// The report of the searches in one call, for those who may read its payloads: rules and places of what was found, and
/// the origins of values. No value, and no passage of a server.
struct SearchReportFacts {
    let report: SearchReport
    /// True if nothing was sent, so that its findings are those in the arguments.
    let isDenied: Bool

    func add(to facts: inout Facts) {
        if isDenied {
            Self.add(report.findings, "Found in the arguments", to: &facts)
        } else {
            Self.add(report.findings, "Found in the answer", to: &facts)
        }
        Self.add(report.arguments, "Found in the arguments, and permitted", to: &facts)
        Self.add(report.notices, "Found in messages", to: &facts)
        addLabels(to: &facts)
        if !report.sources.isEmpty {
            facts.add("Level raised by", text: report.sources.joined(separator: ", "))
        }
        if let mark = report.mark {
            facts.add("Made the run hostile") {
                SafeText.text(
                    mark.kinds.isEmpty ? "not searched" : mark.kinds.joined(separator: ", "))
            }
        }
    }

    private static func add(_ found: ReportedFindings, _ name: String, to facts: inout Facts) {
        guard !found.isEmpty else { return }
        facts.add(name) {
            element(.ul) {
                for finding in found.listed { element(.li) { Self.words(finding) } }
                if found.more > 0 { element(.li) { "\(found.more) more" } }
            }
        }
    }

    @HTMLBuilder private static func words(_ finding: ReportedFindings.Finding) -> [HTML] {
        "\(finding.count) of "
        SafeText.text(finding.kind)
        if let rule = finding.rule {
            ", rule "
            SafeText.text(rule)
        }
        if let place = finding.place {
            ", at "
            element(.code) { SafeText.text(place) }
        }
    }

    private func addLabels(to facts: inout Facts) {
        guard let worst = report.worst else { return }
        facts.add("Worst origin of a value") { worst.words }
        guard !report.labels.isEmpty else { return }
        facts.add("Origin of values") {
            element(.ul) {
                for label in report.labels {
                    element(.li) {
                        element(.code) { SafeText.text(label.pointer) }
                        ": "
                        label.label.words
                    }
                }
            }
        }
    }
}
