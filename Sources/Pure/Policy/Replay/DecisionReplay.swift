package import InterlockJSON
import InterlockModel

/// Repeats a recorded decision and reports the differences (R1 in docs/specs/ledger.md, section 15). It is
/// pure: it depends only on the policy and the record.
///
/// INVARIANT: every decision can be made again from its record. Kept by `DecisionReplayTests`, `test_replay.py`.
package enum DecisionReplay {
    package struct Difference: Sendable, Hashable {
        /// The field: `dec`, `need`, `rule`, `obl`, or `decision.<member>`.
        package let field: String
        /// The recorded value, or `-` if it is absent.
        package let recorded: String
        package let again: String

        package init(field: String, recorded: String, again: String) {
            self.field = field
            self.recorded = recorded
            self.again = again
        }
    }

    /// The differences under the policy that decided: in the leaf's fields, and in every member of the
    /// decision itself.
    ///
    /// - Parameters:
    ///   - leaf: the summary in the leaf, or nil for a leaf without a summary of this decision.
    ///   - risk: the tool's class that the leaf states, or nil if it states none.
    package static func differences(
        of recorded: RecordedDecision, leaf: DecisionSummary?, risk: String? = nil,
        arguments: JSONValue, under policy: PolicySnapshot
    ) -> [Difference] {
        let again = recorded.decide(arguments, under: policy)
        var found = leaf.map { compare($0, with: DecisionSummary(again)) } ?? []
        if let risk, risk != again.toolClass?.rawValue {
            found.append(
                Difference(field: "risk", recorded: risk, again: again.toolClass?.rawValue ?? "-"))
        }
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

    /// The fields of a leaf that are of another call than the input that its decision rested on. An absent field is no
    /// difference.
    package static func contradictions(
        of leaf: JSONObject, with recorded: RecordedDecision
    ) -> [Difference] {
        [("agent", recorded.agent.text), ("tool", recorded.address.wireName.leafText)].compactMap {
            (name, decided) in
            guard let stated = leaf[name], stated != .string(decided) else { return nil }
            return Difference(field: name, recorded: text(stated), again: decided)
        }
    }

    /// The differences under another policy, in the verdict, the required approvals, the rule and the
    /// obligations. Arguments that the recorded policy withheld remain absent.
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
