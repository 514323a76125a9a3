package import InterlockJSON
package import InterlockModel

/// What is asked: may this agent make this call. The arguments are the canonical tree that would be
/// sent, already validated against the pinned schema.
package struct DecisionRequest: Sendable {
    package let agent: AgentName
    package let address: ToolAddress
    package let arguments: JSONValue

    package init(agent: AgentName, address: ToolAddress, arguments: JSONValue) {
        self.agent = agent
        self.address = address
        self.arguments = arguments
    }
}

/// What is known about the call beside the policy; all of it is recorded, so a decision replays.
package struct DecisionFacts: Sendable {
    /// The order that halts the agent, its owner, the run, the server, the tool or everything.
    package var halted: OrderID?
    /// The server or tool has no pin, or differs from it.
    package var quarantined: Bool
    /// The trust record's stage; without one at most supervised. The lower of it and the file's holds.
    package var effectiveStage: Stage
    package var onBehalfOf: Person?
    package var purposeDeclared: Bool

    package init(
        halted: OrderID? = nil, quarantined: Bool = false, effectiveStage: Stage = .supervised,
        onBehalfOf: Person? = nil, purposeDeclared: Bool = true
    ) {
        self.halted = halted
        self.quarantined = quarantined
        self.effectiveStage = effectiveStage
        self.onBehalfOf = onBehalfOf
        self.purposeDeclared = purposeDeclared
    }
}

/// A verdict with its reasons.
package struct Decision: Sendable, Equatable {
    package internal(set) var verdict: Verdict
    /// Distinct people; 0 unless the verdict is approve.
    package internal(set) var quorum = 0
    /// The group that decides, when the verdict is approve.
    package internal(set) var group: String?
    /// One of the closed set of reasons, with hyphens.
    package internal(set) var reason: DecisionReason
    /// The id or path of the rule that decided, or the reason where no rule did.
    package internal(set) var rule: String
    package internal(set) var place: SourcePlace?
    /// More words for people, for instance the codes that hold an agent.
    package internal(set) var detail: String?
    package internal(set) var effects = EffectSet()
    /// Unknown counts as high.
    package internal(set) var tier = Tier.high
    package internal(set) var stage = Stage.observe
    /// nil when the tool is not listed.
    package internal(set) var toolClass: ToolClass?
    package internal(set) var environment = ""
    /// The members whose votes count (4.3), sorted; empty unless the verdict is approve.
    package internal(set) var eligible: [Person] = []
    /// At stage observe: what the call would have got.
    package internal(set) var wouldBe: Verdict?
    /// `host:port` that the agent's sandbox may reach, part of the obligations.
    package internal(set) var egress: [String] = []

    init(
        _ verdict: Verdict, _ reason: DecisionReason, rule: String? = nil,
        place: SourcePlace? = nil
    ) {
        self.verdict = verdict
        self.reason = reason
        self.rule = rule ?? reason.rawValue
        self.place = place
    }

    /// The same decision turned into a refusal.
    func denied(
        _ reason: DecisionReason, rule: String? = nil, place: SourcePlace? = nil
    ) -> Decision {
        var copy = self
        copy.verdict = .deny
        copy.quorum = 0
        copy.group = nil
        copy.eligible = []
        copy.reason = reason
        copy.rule = rule ?? reason.rawValue
        copy.place = place ?? self.place
        return copy
    }
}

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
        object["obligations"] = [
            "audit": "all_tool_calls", "egress": .array(egress.map { .string($0) }),
        ]
        object["reserve"] = []
        object["guards"] = []
        return .object(object)
    }
}
