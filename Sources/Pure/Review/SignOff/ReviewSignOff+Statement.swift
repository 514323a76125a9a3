import InterlockModel

extension ReviewSignOff {
    /// The lines that a person reads at the terminal before signing, made from the signed value alone. Texts of people are
    /// not escaped.
    ///
    /// INVARIANT: no member of the document is left out. Kept by `SignOffStatementTests`.
    package var statement: [String] {
        var lines = [
            "review \(review.text) of \(scope.text) of `\(org)`, dated "
                + date.rfc3339(fractionDigits: 0),
            "period \(period.start.rfc3339(fractionDigits: 0)) to "
                + period.end.rfc3339(fractionDigits: 0),
            "reviewers " + reviewers.map(\.address).joined(separator: ", "),
            "next review due on \(next.rfc3339(fractionDigits: 0))",
            "sample \(sample.prefixed), marks \(marks.prefixed)",
            "policy \(policy.prefixed), patch that retires \(retire?.prefixed ?? "none")",
        ]
        lines += controls.map {
            "  \($0.isInOrder ? "in order" : "not in order"): \($0.control.text)"
        }
        lines += drift.map { $0.line }
        lines += decisions.map {
            "  retire \($0.item): \($0.declined.map { "declined, \($0)" } ?? "accepted")"
        }
        lines += findings.map { "  finding \($0.number), \($0.line)" }
        lines += earlier.map {
            "  \($0.isMended ? "mended" : "still open"), says \($0.by.address): "
                + "\($0.open.words), \($0.open.finding.line)"
        }
        lines += warnings.map { "  warning: \($0)" }
        return lines
    }
}

extension DriftItem {
    fileprivate var line: String {
        var text = "  \(cause.rawValue) \(subject): \(outcome?.word ?? "open")"
        if case .lower(let second)? = outcome { text += " with \(second.address)" }
        return text + ", record \(leaf.base64)"
    }
}

extension ReviewFinding {
    fileprivate var line: String {
        var text =
            "severity \(severity.rawValue): \(self.text) (\(owner.address), due "
            + due.rfc3339(fractionDigits: 0)
        if let leaf { text += ", record \(leaf.base64)" }
        if let control { text += ", about `\(control.rawValue)`" }
        return text + ")"
    }
}
