import InterlockAdministration
package import InterlockEvidence
package import InterlockJSON
import InterlockModel
import InterlockReview

// The reviews that are due, overdue and open, for the command line.
extension ReviewService {
    /// The reviews of the organisation and of all agents that a caller sees, those that are due first in front.
    package func status(for visibility: Visibility) -> JSONValue {
        let now = registry.now()
        let rows = summaries(for: visibility, at: now).map { $0.row(at: now) }
        return ["reviews": .array(rows)]
    }
}

extension ReviewSummary {
    fileprivate func row(at now: Timestamp) -> JSONValue {
        let scope = ReviewScope(of: agent)
        var row: JSONObject = [
            "scope": .string(scope.text), "due": .string(due.rfc3339(fractionDigits: 0)),
            "step": .string(step.rawValue), "weekly": .bool(isWeekly), "signed": .null,
            "open": .null,
        ]
        if let agent { row["agent"] = .string(agent.text) }
        if let tier { row["tier"] = .string(tier.rawValue) }
        if let owner { row["owner"] = .string(owner.address) }
        if let signed { row["signed"] = .string(signed.rfc3339(fractionDigits: 0)) }
        if let open {
            row["open"] = .string(open.text)
            row["marked"] = .integer(Int64(marked))
        }
        row["findings"] = .array(
            findings.map { one -> JSONValue in
                guard var object = one.row.object else { return .null }
                let step = OverdueStep(due: one.finding.due, at: now)
                object["step"] = .string(step.rawValue)
                return .object(object)
            })
        return .object(row)
    }
}

extension OpenFinding {
    /// The finding in answers to the command line.
    var row: JSONValue {
        [
            "review": .string(review.text), "number": .integer(Int64(finding.number)),
            "severity": .integer(Int64(finding.severity.rawValue)),
            "text": .string(finding.text), "owner": .string(finding.owner.address),
            "due": .string(finding.due.rfc3339(fractionDigits: 0)),
        ]
    }
}
