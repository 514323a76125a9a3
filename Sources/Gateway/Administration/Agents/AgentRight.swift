import InterlockGovernor
package import InterlockModel
import InterlockPolicy
package import InterlockPolicyReview

/// A tool that an agent is shown, with the verdicts that its calls can receive and their conditions.
package struct AgentRight: Sendable {
    package let address: ToolAddress
    package let toolClass: ToolClass?
    /// The effects of every call, and those that only some calls have.
    package let effects: [Effect]
    /// True if a call passes data out of the organisation, also one that only reads.
    package let sends: Bool
    /// The verdicts that calls can receive, the most permissive first; empty if every call is denied.
    package let verdicts: [Verdict]
    /// The verdicts with their rules and conditions, denials included; empty if they could not be worked out in time.
    package let cases: [ToolCase]
    /// The verdicts with their conditions in words, or nil if they could not be worked out in time.
    package let outcome: ToolOutcome?
    /// The guards, any of which grants; empty if no guard is evaluated.
    package let guards: [String]
    /// The group of approvers, or nil if no call needs approval.
    package let group: String?

    package init(
        address: ToolAddress, toolClass: ToolClass?, effects: [Effect] = [], sends: Bool = false,
        verdicts: [Verdict], cases: [ToolCase], outcome: ToolOutcome? = nil, guards: [String] = [],
        group: String? = nil
    ) {
        self.address = address
        self.toolClass = toolClass
        self.effects = effects
        self.sends = sends
        self.verdicts = verdicts
        self.cases = cases
        self.outcome = outcome
        self.guards = guards
        self.group = group
    }

    /// The most permissive verdict.
    package var verdict: Verdict { verdicts.first ?? .deny }
    /// The case that decides most permissively.
    package var easiest: ToolCase? { cases.first }
}

extension Gateway {
    /// Returns everything that the agent is shown, by the policy and the elevations in force.
    ///
    /// - Parameter reach: the agent's worst case with these elevations, or nil if it could not be worked out in time.
    func rights(
        of agent: AgentName, under policy: PolicySnapshot, _ reach: WorstCase?
    ) -> [AgentRight] {
        guard let terms = terms(of: agent, in: policy) else { return [] }
        var rows: [ToolAddress: WorstCase.Row] = [:]
        for row in reach.map({ $0.rows + $0.denied }) ?? [] { rows[row.tool] = row }
        let visible = policy.visibleTools(
            for: agent, stage: terms.stage, elevations: elevations.compiled(under: policy),
            at: clock.wall)
        let group = policy.agents[agent]?.approvers
        return visible.map { address in
            let row = rows[address]
            let number = policy.table.number(of: address)
            let denial = denial(of: address, terms, policy)
            let verdicts = denial == nil ? row?.verdicts ?? [] : []
            let needsPeople = verdicts.contains(where: \.needsPeople)
            return AgentRight(
                address: address,
                toolClass: number.map { policy.table.rows[$0].spec.toolClass },
                effects: row?.effects ?? [], sends: row?.sends ?? false, verdicts: verdicts,
                cases: denial.map { [$0] } ?? row?.cases ?? [],
                outcome: denial.map(ToolOutcome.init(denial:)) ?? row?.outcome,
                guards: row?.guards ?? [],
                group: needsPeople ? group : nil)
        }
    }

    /// Returns the reason for which every call of a tool is denied whatever its rules, or nil if there is none.
    private func denial(
        of address: ToolAddress, _ terms: AgentTerms, _ policy: PolicySnapshot
    ) -> ToolCase? {
        let reason: DecisionReason? =
            if pins.pinned(address, under: policy) == nil {
                .quarantined
            } else if terms.stage == .observe {
                terms.observeReason
            } else {
                nil
            }
        return reason.map {
            ToolCase(verdict: .deny, reason: $0, rule: $0.rawValue, place: nil)
        }
    }
}

/// An agent's use of one tool that it is granted (R130). Calls are counted since the start of this process; whether it
/// was ever used is remembered across restarts.
package struct AgentUse: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case used
        /// It was used before this process started, but not since.
        case earlier
        /// It was called, and every call was refused.
        case refused
        case unused
    }

    /// The number of calls that were let through since the start.
    package let calls: Int64
    /// The number of calls that were refused since the start.
    package let refused: Int64
    package let wasUsed: Bool

    package var kind: Kind {
        if calls > 0 { return .used }
        if wasUsed { return .earlier }
        return refused > 0 ? .refused : .unused
    }
}

extension Gateway {
    /// Returns the agent's use of each of these, in their order.
    func uses(of agent: AgentName, _ addresses: [ToolAddress]) -> [AgentUse] {
        var calls: [ToolAddress: (done: Int64, refused: Int64)] = [:]
        for (call, count) in tally.calls where call.agent == agent {
            guard let address = call.address else { continue }
            if call.end == .deny {
                calls[address, default: (0, 0)].refused += count
            } else {
                calls[address, default: (0, 0)].done += count
            }
        }
        return addresses.map { address in
            AgentUse(
                calls: calls[address]?.done ?? 0, refused: calls[address]?.refused ?? 0,
                wasUsed: monitors.agents.hasUsed(address, agent))
        }
    }
}
