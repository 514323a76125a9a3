package import InterlockEvidence
package import InterlockModel

/// Read access to the verdicts of the change gate and to the results of evals, for pages and the API.
package protocol EvalQueries: Sendable {
    /// Returns one page of the agents that are visible to this person, those that need action first.
    ///
    /// - Parameters:
    ///   - state: nil for agents of any state.
    ///   - page: the page number, from 1; a number beyond the last page gives the last one.
    func agents(
        in state: GateOutlook.State?, page: Int, for visibility: Visibility
    ) -> AgentEvalListing

    /// - Returns: nil if the agent does not exist or is not visible to this person.
    func evals(of agent: AgentName, for visibility: Visibility) -> AgentEvalDetail?

    /// Returns those of the agents that the gate refuses or will refuse soon.
    func warnings(about agents: [AgentName]) -> [AgentName: GateOutlook]
}

/// The answer of the change gate about an agent, and the time until which it holds.
package struct GateOutlook: Sendable, Hashable {
    /// The states, the one that needs action first at the front.
    package enum State: String, Sendable, CaseIterable {
        /// Each call is denied now.
        case refused
        /// It is served, and will be refused soon if nothing is done: within 14 days, or within half of the time for
        /// which its result counts if that is less.
        case ending
        case served
        /// It is at stage observe, at which every call is denied with or without a result.
        case observed
    }

    package let state: State
    /// The time from which the agent is refused if nothing changes; nil if it is refused or at stage observe.
    package let until: Timestamp?
}

extension GateOutlook {
    /// - Parameters:
    ///   - stage: the effective stage of the agent.
    ///   - period: the time after an upgrade in which a missing result is only named.
    init(_ status: AgentGateStatus, at stage: TrustStage, _ period: GatePeriod, now: Timestamp) {
        if stage == .observe {
            self.init(state: .observed, until: nil)
        } else if status.waits(in: period, at: now) {
            self.init(state: .ending, until: period.end)
        } else if status.fact == .passed, let until = status.until {
            let isNear = status.near.map { $0 <= now } ?? true
            self.init(state: isNear ? .ending : .served, until: until)
        } else {
            self.init(state: .refused, until: nil)
        }
    }

    /// True if people have to act.
    package var isWarning: Bool {
        switch state {
        case .refused, .ending: true
        case .served, .observed: false
        }
    }
}
