package import InterlockModel

/// A verdict with its reasons.
package struct Decision: Sendable, Equatable {
    package internal(set) var verdict: Verdict
    /// The required number of distinct people; 0 unless the verdict is approve.
    package internal(set) var quorum = 0
    /// The group that decides, if the verdict is approve.
    package internal(set) var group: String?
    /// The reason, one of a closed set.
    package internal(set) var reason: DecisionReason
    /// The id or path of the rule that decided, or the reason if no rule did.
    package internal(set) var rule: String
    package internal(set) var place: PolicyLocation?
    /// The unmet condition of a grant, or the met condition of a forbid, in the words of its rule. Nil if it
    /// is about more than the arguments, or if there is none.
    package internal(set) var condition: String?
    /// Additional text for people, for instance the codes that hold an agent.
    package internal(set) var detail: String?
    package internal(set) var effects = EffectSet()
    /// The tier; unknown counts as high.
    package internal(set) var tier = Tier.high
    package internal(set) var stage = TrustStage.observe
    /// The class of the tool, or nil if the tool is not listed.
    package internal(set) var toolClass: ToolClass?
    package internal(set) var environment = ""
    /// The members whose votes count (docs/specs/policy.md, section 4.3), sorted; empty unless the verdict
    /// is approve.
    package internal(set) var eligible: [Person] = []
    /// The person who requested the elevation that grants the call; their votes never count.
    package internal(set) var proposer: Person?
    /// The verdict that the call would have received, at stage observe.
    package internal(set) var wouldBe: Verdict?
    /// The `host:port` values that the agent's sandbox may reach, which are part of the obligations.
    package internal(set) var egress: [String] = []
    /// The obligations on the data of the call, or nil if there are no obligations.
    package internal(set) var data: DataObligations?
    /// The amount that the call takes from each of its limits.
    package internal(set) var reserve: [Reservation] = []
    /// The amount that did not fit, if the reason is a limit.
    package internal(set) var exceeded: Reservation?
    /// The guards that were evaluated, in that order.
    package internal(set) var guards: [GuardRecord] = []
    /// True if the decision could be different at another time: hours, an elevation's window, `now`.
    package internal(set) var readsClock = false

    init(
        _ verdict: Verdict, _ reason: DecisionReason, rule: String? = nil,
        place: PolicyLocation? = nil
    ) {
        self.verdict = verdict
        self.reason = reason
        self.rule = rule ?? reason.rawValue
        self.place = place
    }

    /// The same decision, changed to a refusal.
    consuming func denied(
        _ reason: DecisionReason, rule: String? = nil, place: PolicyLocation? = nil
    ) -> Decision {
        verdict = .deny
        quorum = 0
        group = nil
        eligible = []
        reserve = []
        self.reason = reason
        self.rule = rule ?? reason.rawValue
        if let place { self.place = place }
        return self
    }

    /// The same call with another verdict.
    consuming func decided(_ ruling: Ruling) -> Decision {
        verdict = ruling.verdict
        reason = ruling.reason
        rule = ruling.rule
        place = ruling.place
        condition = ruling.condition
        return self
    }

    /// The decision with the people who must decide, if the verdict requires them.
    consuming func awaiting(_ group: String?) -> Decision {
        guard case .approve(let people) = verdict else { return self }
        quorum = people
        self.group = group
        return self
    }
}
