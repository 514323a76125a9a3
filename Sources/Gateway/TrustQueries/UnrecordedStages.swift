package import InterlockGovernor
package import InterlockModel
package import InterlockPolicy
package import InterlockTrust

/// The stages of a gateway that keeps no trust records: stage 0, with the reasons.
package struct UnrecordedStages: StageStatuses {
    private let gateway: Gateway

    package init(gateway: Gateway) { self.gateway = gateway }

    package func status(of agent: AgentName, under policy: PolicySnapshot) -> StageStatus {
        let terms = gateway.terms(of: agent, in: policy)
        let isHeld = terms?.held.isEmpty == false
        let ceiling = isHeld ? nil : terms.flatMap { AutonomyStage(ceilingOf: $0.written) }
        let conditions = StageConditions(
            ceiling: ceiling, hasCriteria: false, promotionCounts: false, delegationCounts: false)
        return StageHistory().status(conditions, at: gateway.clock.wall)
    }
}
