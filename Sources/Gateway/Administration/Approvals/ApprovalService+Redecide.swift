import InterlockApprovals
import InterlockEvidence
import InterlockGovernor
import InterlockJSON
package import InterlockModel
package import InterlockPolicy
import InterlockPorts
import Synchronization

extension ApprovalService {
    /// Decides every open request again under a new policy (docs/specs/approvals.md, section 4). A request that would
    /// be asked the same way stays, without the people who are no longer eligible; one that would be asked otherwise is
    /// reissued; one that is denied, that cannot be shown or whose data obligations changed becomes void.
    ///
    /// - Parameters:
    ///   - old: the policy before; people have approved its demands on a call's data together with the call.
    ///   - elevations: the stored elevations, compiled under the new policy.
    ///   - groups: the groups whose requests are decided again; nil for all.
    package func redecide(
        under policy: PolicySnapshot, after old: PolicySnapshot, elevations: ElevationSet? = nil,
        groups: [String]? = nil, stage: @Sendable (AgentName) -> TrustStage
    ) async {
        if old.digest != policy.digest { await endProbes(.policyChanged) { _ in true } }
        for request in live where groups?.contains(request.decision.group) ?? true {
            let call = request.review.call
            let person = person(of: call)
            let again = decide(request, under: policy, elevations, stage, onBehalfOf: person)
            let isSameData =
                old.dataObligations(of: call.address, for: call.agent)
                == policy.dataObligations(of: call.address, for: call.agent)
            let events =
                isSameData && canBeShown(request, under: policy)
                ? events(for: request, under: again, policy, onBehalfOf: person)
                : [.void(.policyChanged)]
            for event in events { _ = await change(request.id, event) }
        }
    }

    /// Decides again, after a start, each request that was shown under another policy or template than the one in
    /// force. What the earlier policy demanded of a call's data is no longer known: a pending request is reissued if it
    /// still needs approval, and becomes void if it is denied or cannot be shown; a grant becomes void.
    package func redecideRestored(
        under policy: PolicySnapshot, elevations: ElevationSet? = nil,
        stage: @Sendable (AgentName) -> TrustStage
    ) async {
        for probe in state.withLock(\.probes.live) where probe.form.review.policy != policy.digest {
            _ = await change(probe.id, .void(.policyChanged))
        }
        for request in live {
            let call = request.review.call
            guard
                request.review.policy != policy.digest
                    || request.review.template != policy.templates[call.address]?.digest
            else { continue }
            let person = person(of: call)
            let again = decide(request, under: policy, elevations, stage, onBehalfOf: person)
            let data = policy.dataObligations(of: call.address, for: call.agent)
            guard request.state == .pending, again.verdict != .deny,
                canBeShown(request, under: policy),
                data?.argumentsDropped(from: call.arguments) ?? call.arguments == call.arguments
            else {
                _ = await change(request.id, .void(.policyChanged))
                continue
            }
            guard case .approve = again.verdict else { continue }
            _ = await change(request.id, reissue(request, under: again, policy))
        }
    }

    /// Returns true if the request can be shown with the policy's templates. Under another template only a pending
    /// request without a preview, before and after, can be shown; otherwise a new call must ask. In other units only a
    /// pending request can be shown: people approved what they read.
    private func canBeShown(_ request: ApprovalRequest, under policy: PolicySnapshot) -> Bool {
        let review = request.review
        let entry = policy.templates[review.call.address]
        if review.template == entry?.digest {
            return request.state == .pending || isInSameUnits(review, under: policy)
        }
        return request.state == .pending && review.facts["preview"] == nil
            && entry?.template.preview == nil
    }

    private func decide(
        _ request: ApprovalRequest, under policy: PolicySnapshot, _ elevations: ElevationSet?,
        _ stage: (AgentName) -> TrustStage, onBehalfOf: Person?
    ) -> Decision {
        let call = request.review.call
        var facts = DecisionFacts(
            effectiveStage: stage(call.agent), onBehalfOf: onBehalfOf, purposeDeclared: true,
            // A run never ceases to be tainted.
            tainted: request.review.facts[ReviewDocument.taint] != nil,
            // A level that has risen since counts when the call is released.
            unmarked: request.review.facts[ReviewDocument.taintLevel]?.integer
                == TaintLevel.untrusted.rawValue,
            elevations: elevations, counters: [:])
        facts.label = request.review.facts[ReviewDocument.labels]?["worst"]?.string.flatMap {
            ValueLabel(rawValue: $0)
        }
        // Another value, which this version does not write, counts as the worst.
        facts.sideChannel = request.review.facts[ReviewDocument.sideChannel].map {
            $0.string.flatMap(DecisionFacts.SideChannel.init(rawValue:)) ?? .sensitiveText
        }
        // A run keeps its task, whatever tasks the policy has now.
        facts.task = request.review.facts[ReviewDocument.task]?.string.flatMap(RunTaskName.init)
        return policy.decide(
            DecisionRequest(agent: call.agent, address: call.address, arguments: call.arguments),
            facts: facts, now: ports.clock.wall)
    }

    private func events(
        for request: ApprovalRequest, under again: Decision, _ policy: PolicySnapshot,
        onBehalfOf: Person?
    ) -> [ApprovalEvent] {
        let call = request.review.call
        let isMoved = again.stage != call.stage || again.environment != call.environment
        switch again.verdict {
        case .deny: return [.void(again.reason == .incomplete ? .held : .policyDenies)]
        case .allow:
            // The votes name a stage and an environment that no longer apply; a new call can ask again.
            return isMoved ? [.void(.stageChanged)] : []
        case .approve(let quorum):
            if isMoved, request.state == .approved { return [.void(.stageChanged)] }
            let shown = request.decision
            guard !isMoved, again.group == shown.group, again.effects == shown.effects,
                quorum <= shown.asked,
                request.review.template == policy.templates[call.address]?.digest,
                isInSameUnits(request.review, under: policy)
            else { return [reissue(request, under: again, policy)] }
            let eligible = Set(eligible(under: again, policy, for: request, onBehalfOf: onBehalfOf))
            let left = (request.voters + request.escalated)
                .filter { !eligible.contains($0.person) }
                .map { ApprovalEvent.leave($0.pseudonym) }
            // Seats move before anyone leaves: a delegate's may go back to a member.
            return moved(request, under: again, policy, onBehalfOf) + left
        }
    }

    /// Returns the seats of a pending request as they are now, if any is passed or was.
    private func moved(
        _ request: ApprovalRequest, under again: Decision, _ policy: PolicySnapshot,
        _ onBehalfOf: Person?
    ) -> [ApprovalEvent] {
        guard request.state == .pending else { return [] }
        let seats = voters(
            again, policy, for: request.review.call, onBehalfOf: onBehalfOf,
            among: Set(request.seatedMembers), voted: Set(request.votes.map(\.person)))
        guard request.hasDelegates || seats.contains(where: { !$0.delegators.isEmpty }) else {
            return []
        }
        return [.seat(seats)]
    }

    private func person(of call: CanonicalCall) -> Person? {
        call.subject.flatMap { ports.people.trust?.person($0)?.person }
    }

    private func reissue(
        _ request: ApprovalRequest, under again: Decision, _ policy: PolicySnapshot
    ) -> ApprovalEvent {
        let old = request.review
        let entry = policy.templates[old.call.address]
        do {
            var facts = old.facts.object ?? [:]
            // The quorum of the new policy applies, so break-glass lowers nothing any more.
            facts[ReviewDocument.breakGlass] = nil
            let units = policy.units(of: old.call.address)
            if old.template != entry?.digest {
                TemplateShown.remove(from: &facts)
                try entry.map {
                    try TemplateShown($0, of: old.call.arguments, units: units).put(into: &facts)
                }
            }
            if old.template != entry?.digest || !isInSameUnits(old, under: policy) {
                putEarlier(
                    than: old.call, entry?.template, units, at: ports.clock.wall, into: &facts)
            }
            put(amountsOf: old.call, under: policy, into: &facts)
            facts["quantity"] = try entry?.template.filled(
                from: old.call.arguments, units: units
            ).facts["quantity"]
            let review = try ReviewDocument(
                request: request.id, revision: request.revision + 1,
                call: try old.call.moved(to: again.stage, again.environment), policy: policy.digest,
                decision: ReviewedDecision(again), facts: .object(facts), template: entry?.digest)
            return .reissue(
                BoundReview(review, salt: ports.entropy.bytes(32), ports.hashing),
                voters: voters(again, policy, for: old.call, onBehalfOf: person(of: old.call)))
        } catch { return .void(.policyChanged) }
    }

    /// Voids every open request that a halt covers. Waiting calls end at once; the change of the requests is recorded
    /// after that.
    package func voidHalted(
        by halts: HaltSet, owners: @escaping @Sendable (AgentName) -> Pseudonym?
    ) {
        @Sendable func isHalted(_ call: CanonicalCall) -> Bool {
            halts.match(
                agent: call.agent, owner: owners(call.agent), server: call.address.server,
                tool: call.address, run: call.run) != nil
        }
        Task { await endProbes(.halted, where: isHalted) }
        let covered = live.filter { isHalted($0.review.call) }
        guard !covered.isEmpty else { return }
        let waiters = state.withLock { state in
            covered.flatMap { state.waiters.removeValue(forKey: $0.id) ?? [] }
        }
        for waiter in waiters { waiter.end(.cancelled(.halt)) }
        Task {
            for request in covered { _ = await change(request.id, .void(.halted)) }
        }
    }

    /// Voids every open request about a tool whose definition is not the one that was shown.
    package func voidDrifted(_ hasDrifted: @Sendable (ToolAddress) -> Bool) async {
        await endProbes(.pinChanged) { hasDrifted($0.address) }
        for request in live where hasDrifted(request.review.call.address) {
            _ = await change(request.id, .void(.pinChanged))
        }
    }
}
