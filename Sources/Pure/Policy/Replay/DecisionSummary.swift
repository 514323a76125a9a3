package import InterlockJSON
import InterlockModel

/// The fields of a call's leaf that summarise its decision: `dec`, `need`, `rule` and `obl`
/// (docs/specs/ledger.md, section 5). The payload `in` contains the whole decision.
package struct DecisionSummary: Sendable, Hashable {
    package let verdict: String
    /// The number of required approvals, or nil if the verdict is not `approve`.
    package let need: Int64?
    package let rule: String
    /// The names of the obligations that a permit binds to, sorted.
    package let obligations: [String]

    package static let mostObligations = 16

    package init(_ decision: Decision) {
        switch decision.verdict {
        case .allow:
            verdict = "allow"
            need = nil
        case .approve(let people):
            verdict = "approve"
            need = Int64(people)
        case .deny:
            verdict = "deny"
            need = nil
        }
        rule = decision.rule.leafText
        guard decision.verdict != .deny, decision.data != nil || !decision.egress.isEmpty else {
            obligations = []
            return
        }
        let names = (decision.data?.names ?? []) + (decision.egress.isEmpty ? [] : ["egress"])
        obligations = Array(names.sorted().prefix(Self.mostObligations))
    }

    /// Returns nil if the record has no decision.
    package init?(leaf: JSONObject) {
        guard let verdict = leaf["dec"]?.string, let rule = leaf["rule"]?.string else { return nil }
        self.verdict = verdict
        self.rule = rule
        need = leaf["need"]?.integer
        obligations = (leaf["obl"]?.array ?? []).compactMap(\.string)
    }

    /// The fields as a leaf contains them; absent fields are omitted.
    package var fields: [(key: String, value: JSONValue)] {
        var fields: [(key: String, value: JSONValue)] = [
            ("dec", .string(verdict)), ("rule", .string(rule)),
        ]
        if let need { fields.append(("need", .integer(need))) }
        if !obligations.isEmpty {
            fields.append(("obl", .array(obligations.map(JSONValue.string))))
        }
        return fields
    }
}
