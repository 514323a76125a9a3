package import InterlockJSON
package import InterlockModel

extension Decision {
    /// The decision's value as records and `interlock policy explain` show it (4.5).
    package func json(
        for request: DecisionRequest, policy: Digest, now: Timestamp
    ) -> JSONValue {
        var object: JSONObject = [
            "agent": .string(request.agent.text), "call": .string(request.address.description),
            "policy": .string(policy.prefixed), "stage": .string(stage.rawValue),
            "now": .string(now.rfc3339(fractionDigits: 3)),
            "verdict": .string(verdict == .deny ? "deny" : quorum > 0 ? "approve" : "allow"),
        ]
        if quorum > 0 { object["quorum"] = .integer(Int64(quorum)) }
        if let group { object["group"] = .string(group) }
        object["reason"] = .string(reason.rawValue)
        object["rule"] = .string(rule)
        if let place { object["at"] = .string(place.description) }
        if let detail { object["detail"] = .string(detail) }
        if let wouldBe { object["would_be"] = .string(wouldBe.description) }
        object["effects"] = .array(effects.effects.map { .string($0.name) })
        object["obligations"] = .object(obligations)
        object["reserve"] = .array(reserve.map(\.json))
        object["guards"] = .array(guards.map(\.json))
        return .object(object)
    }

    /// All that a permit binds to; what concerns data stands beside `audit` and `egress`.
    private var obligations: JSONObject {
        var object: JSONObject = [
            "audit": "all_tool_calls", "egress": .array(egress.map { .string($0) }),
        ]
        for (name, value) in data?.json.members ?? [] { object[name] = value }
        return object
    }
}
