package import InterlockJSON
import InterlockModel

/// Makes a recorded decision again and says where it comes out otherwise (R1 of the ledger's spec,
/// section 15). Pure: the policy and the record are all it sees.
package enum DecisionReplay {
    package struct Difference: Sendable, Hashable {
        /// `dec`, `need`, `rule`, `obl`, or `decision.<member>`.
        package let field: String
        /// `-` where it is absent.
        package let recorded: String
        package let again: String
    }

    /// Under the policy that decided: the leaf's words, and every member of the decision itself.
    ///
    /// - Parameter leaf: what the leaf says; nil for one that has no summary of this decision.
    package static func differences(
        of recorded: RecordedDecision, leaf: DecisionSummary?, arguments: JSONValue,
        under policy: PolicySnapshot
    ) -> [Difference] {
        let again = recorded.decide(arguments, under: policy)
        var found = leaf.map { compare($0, with: DecisionSummary(again)) } ?? []
        let written = again.serialized(
            for: recorded.request(arguments), policy: policy.digest, now: recorded.now)
        let members = (try? JSONValue(parsing: written, limits: .upstream))?.object ?? [:]
        let names = Set((members.members + recorded.decision.members).map(\.key))
        for name in names.sorted() where members[name] != recorded.decision[name] {
            found.append(
                Difference(
                    field: "decision.\(name)", recorded: text(recorded.decision[name]),
                    again: text(members[name])))
        }
        return found
    }

    /// Under another policy: what it would have decided, so far as the verdict, who is asked, the rule
    /// and the obligations differ. Arguments that the recorded policy kept back stay away.
    package static func changes(
        of recorded: RecordedDecision, leaf: DecisionSummary, arguments: JSONValue,
        under policy: PolicySnapshot
    ) -> [Difference] {
        let data = policy.dataObligations(of: recorded.address, for: recorded.agent)
        let kept = data?.argumentsDropped(from: arguments) ?? arguments
        return compare(leaf, with: DecisionSummary(recorded.decide(kept, under: policy)))
    }

    private static func compare(
        _ recorded: DecisionSummary, with again: DecisionSummary
    ) -> [Difference] {
        let old = JSONObject(distinct: recorded.fields)
        let new = JSONObject(distinct: again.fields)
        return ["dec", "need", "rule", "obl"].filter { old[$0] != new[$0] }.map {
            Difference(field: $0, recorded: text(old[$0]), again: text(new[$0]))
        }
    }

    private static func text(_ value: JSONValue?) -> String {
        guard let value else { return "-" }
        return value.string ?? String(decoding: value.serialized(), as: UTF8.self)
    }
}
