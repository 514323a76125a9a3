import InterlockApprovals
package import InterlockModel
package import InterlockPolicy
import Synchronization

extension ApprovalDesk {
    /// A halt takes the ground from every open request that it covers. Whoever waits is told at once;
    /// the change of the requests is written down after.
    package func voidHalted(
        by halts: HaltSet, owners: @escaping @Sendable (AgentName) -> Pseudonym?
    ) {
        let covered = live.filter { request in
            let call = request.review.call
            return halts.match(
                agent: call.agent, owner: owners(call.agent), server: call.address.server,
                tool: call.address, run: call.run) != nil
        }
        guard !covered.isEmpty else { return }
        let waiters = state.withLock { state in
            covered.flatMap { state.waiters.removeValue(forKey: $0.id) ?? [] }
        }
        for waiter in waiters { waiter.end(.cancelled(.halt)) }
        Task {
            for request in covered { _ = await change(request.id, .void(.halted)) }
        }
    }

    /// Decides every open request again under a new policy (specs of approvals, section 4): what is no
    /// longer asked the same way is issued anew, what is denied is void.
    ///
    /// - Parameters:
    ///   - old: the policy before; what it demanded of a call's data, people have approved with the call.
    ///   - elevations: those of the store, under the new policy.
    package func redecide(
        under policy: PolicySnapshot, after old: PolicySnapshot, elevations: ElevationSet? = nil,
        stage: @Sendable (AgentName) -> Stage
    ) async {
        for request in live {
            let call = request.review.call
            let again = policy.decide(
                DecisionRequest(
                    agent: call.agent, address: call.address, arguments: call.arguments),
                facts: DecisionFacts(
                    effectiveStage: stage(call.agent),
                    onBehalfOf: call.subject.flatMap { ports.trust?.person($0)?.person },
                    purposeDeclared: true, elevations: elevations),
                now: ports.clock.now.wall)
            let isSameData =
                old.dataObligations(of: call.address, for: call.agent)
                == policy.dataObligations(of: call.address, for: call.agent)
            let event =
                isSameData ? event(for: request, under: again, policy) : .void(.policyChanged)
            if let event {
                _ = await change(request.id, event)
            }
        }
    }

    private func event(
        for request: ApprovalRequest, under again: Decision, _ policy: PolicySnapshot
    ) -> ApprovalEvent? {
        // A new stage or environment is another call.
        guard again.stage == request.review.call.stage,
            again.environment == request.review.call.environment
        else { return .void(.stageChanged) }
        switch again.verdict {
        case .deny: return .void(.policyDenies)
        case .allow: return nil
        case .approve(let quorum):
            let old = request.decision
            if again.group == old.group, again.effects == old.effects, quorum <= old.quorum {
                return nil
            }
            let review = try? ReviewDocument(
                request: request.id, revision: request.revision + 1, call: request.review.call,
                policy: policy.digest, decision: ReviewedDecision(again),
                facts: request.review.facts)
            guard let review else { return .void(.policyChanged) }
            return .reissue(
                BoundReview(review, salt: ports.entropy.bytes(32), ports.hashing),
                voters: voters(again.eligible))
        }
    }
}
