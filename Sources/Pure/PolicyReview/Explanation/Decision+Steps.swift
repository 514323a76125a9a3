package import InterlockModel
package import InterlockPolicy
import InterlockPolicyCEL

extension Decision {
    /// The decision step by step, in the order of docs/specs/policy.md, section 4.2: the evaluated guards,
    /// what follows from them, and the rule that decided.
    package func steps(for request: DecisionRequest, at now: Timestamp) -> String {
        var lines = [
            "\(request.agent) \(request.address) at \(now.rfc3339(fractionDigits: 3)), "
                + "stage \(stage.rawValue), tier \(tier.rawValue)"
        ]
        for record in guards {
            var line = "  guard       \(record.rule): \(record.result.text)"
            if case .error(let kind) = record.result { line += " (\(kind.rawValue))" }
            lines.append(line)
        }
        let names = effects.effects.map(\.name)
        lines.append("  effects     \(names.isEmpty ? "none" : names.joined(separator: ", "))")
        for reservation in reserve {
            lines.append("  reserves    \(reservation.amount) of \(reservation.use.name)")
        }
        let obligations = data?.names ?? []
        if !obligations.isEmpty {
            lines.append("  obligations \(obligations.joined(separator: ", "))")
        }
        if quorum > 0 {
            let people = eligible.map(\.address).joined(separator: ", ")
            lines.append("  approvers   \(quorum) of \(group ?? "none"): \(people)")
        }
        if let wouldBe { lines.append("  would be    \(wouldBe)") }
        let detail = detail.map { " (\($0))" } ?? ""
        let source = place.map { "  \($0)" } ?? ""
        lines.append("  = \(verdict)  \(reason.rawValue)  \(rule)\(detail)\(source)")
        return lines.joined(separator: "\n")
    }
}
