import InterlockModel

// The parts of the report that people read first: gaps, and what reviews found.
extension EvidenceReport {
    /// A gap of one or more controls.
    private struct Row {
        let gap: ControlGap
        var controls: [String]
    }

    /// Each gap once, with its controls. Those of few controls come first: the others say the same of all.
    var gapBlocks: [ReportBlock] {
        var rows: [Row] = []
        var places: [ControlGap: Int] = [:]
        for control in controls {
            for gap in control.gaps {
                if let place = places[gap] {
                    rows[place].controls.append(control.id.rawValue)
                } else {
                    places[gap] = rows.count
                    rows.append(Row(gap: gap, controls: [control.id.rawValue]))
                }
            }
        }
        let few = rows.filter { $0.controls.count <= Self.few }
        let sorted = few + rows.filter { $0.controls.count > Self.few }
        guard !sorted.isEmpty else {
            return [.heading(2, "Gaps"), .paragraph("None was found.")]
        }
        return [
            .heading(2, "Gaps"),
            .table(
                ["controls", "gap", "owner", "due"],
                sorted.map { row -> [String] in
                    [
                        row.controls.joined(separator: ", "), row.gap.text,
                        row.gap.owner?.address ?? "not assigned", row.gap.due?.text ?? "no date",
                    ]
                }),
        ]
    }

    private static let few = 3

    /// The reviews of the period, and their findings.
    var reviewBlocks: [ReportBlock] {
        guard !reviews.isEmpty else { return [] }
        let findings = reviews.flatMap { review in
            (review.findings + review.earlier).map { finding -> [String] in
                [
                    review.id, "\(finding.number) of \(finding.review)", String(finding.severity),
                    finding.text, finding.owner?.address ?? "unknown",
                    finding.isMended ? "mended" : "open until \(finding.due?.text ?? "unknown")",
                ]
            }
        }
        let blocks: [ReportBlock] = [
            .heading(2, "Reviews"),
            .table(
                ["review", "signed", "of", "signed by", "not in order", "findings"],
                reviews.map { review -> [String] in
                    [
                        review.id, review.signed.rfc3339(fractionDigits: 0), review.scope,
                        review.reviewers.joined(separator: ", "),
                        review.notInOrder.isEmpty
                            ? "none" : review.notInOrder.map(\.rawValue).joined(separator: ", "),
                        String(review.findings.count),
                    ]
                }),
        ]
        guard !findings.isEmpty else { return blocks }
        return blocks + [
            .table(["review", "finding", "severity", "text", "owner", "outcome"], findings)
        ]
    }
}
