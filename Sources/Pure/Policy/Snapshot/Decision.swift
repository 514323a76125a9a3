package import InterlockModel

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
    package internal(set) var place: PolicyLocation?
    /// More words for people, for instance the codes that hold an agent.
    package internal(set) var detail: String?
    package internal(set) var effects = EffectSet()
    /// Unknown counts as high.
    package internal(set) var tier = Tier.high
    package internal(set) var stage = TrustStage.observe
    /// nil when the tool is not listed.
    package internal(set) var toolClass: ToolClass?
    package internal(set) var environment = ""
    /// The members whose votes count (4.3), sorted; empty unless the verdict is approve.
    package internal(set) var eligible: [Person] = []
    /// Who asked for the elevation that grants the call: no vote of theirs counts.
    package internal(set) var proposer: Person?
    /// At stage observe: what the call would have got.
    package internal(set) var wouldBe: Verdict?
    /// `host:port` that the agent's sandbox may reach, part of the obligations.
    package internal(set) var egress: [String] = []
    /// What has to be done to the data of the call; nil: nothing.
    package internal(set) var data: DataObligations?
    /// What the call takes of each limit that the agent states.
    package internal(set) var reserve: [Reservation] = []
    /// What there was no room for, where the reason is a limit.
    package internal(set) var exceeded: Reservation?
    /// The guards that were evaluated, in that order.
    package internal(set) var guards: [GuardRecord] = []
    /// Whether another time of the call could have changed it: hours, an elevation's window, `now`.
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

    /// The same decision turned into a refusal.
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
        return self
    }

    /// With the people who have to decide, if the verdict asks for them.
    consuming func awaiting(_ group: String?) -> Decision {
        guard case .approve(let people) = verdict else { return self }
        quorum = people
        self.group = group
        return self
    }
}
