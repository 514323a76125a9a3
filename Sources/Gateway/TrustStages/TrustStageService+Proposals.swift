package import InterlockAdministration
import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPolicy
import InterlockPorts
package import InterlockTrust

/// The facts from which a promotion of one agent starts, at one moment.
package struct PromotionGround: Sendable {
    package let policy: PolicySnapshot
    package let entry: AgentEntry
    /// The latest time that was seen.
    package let now: Timestamp
    /// The stage that promotions and demotions leave.
    package let earned: AutonomyStage
    /// The highest stage that the policy permits; nil if it holds the agent at `observe`.
    package let ceiling: AutonomyStage?
    /// The ceiling of the owner; nil without one.
    package let delegated: AutonomyStage?
    /// The end of the cool-down; nil if none is running.
    package let cooldownEnd: Timestamp?
    /// The time of the last promotion, after which demotions can be undone; nil if there was no demotion that holds the
    /// agent back.
    package let undoableSince: Timestamp?
    /// The criteria in force; nil if there are none.
    package let criteria: TrustCriteria?
    /// Is nil while the authorized keys cannot be read.
    package let keys: AuthorizedKeys?
}

// The parts of the stages that proposals need.
extension TrustStageService {
    /// - Throws: `noSuchAgent`.
    package func ground(of agent: AgentName) throws(Problem) -> PromotionGround {
        let policy = gateway.policy.snapshot
        registry.refresh(under: policy)
        let entry = try entry(of: agent)
        let now = registry.now()
        let status = registry.status(of: agent)
        let history = registry.history(of: agent)
        return PromotionGround(
            policy: policy, entry: entry, now: now,
            earned: history.earned(at: now), ceiling: status.limits.ceiling,
            delegated: status.limits.delegation, cooldownEnd: status.cooldownEnd,
            undoableSince: history.cooldownEnd.map { _ in
                history.promotion?.date ?? Timestamp(microseconds: 0)
            },
            criteria: registry.currentCriteria, keys: registry.keys)
    }

    /// The promotion on record; nil without one.
    package func promotion(of agent: AgentName) -> Promotion? {
        registry.history(of: agent).promotion
    }

    /// Refuses a promotion that could not be taken even with all signatures.
    package func checkContent(of promotion: Promotion) throws(Problem) {
        guard promotion.hasIndependentDeciders else {
            throw Problem(
                .notEligible,
                "from stage 2 on the owner does not decide alone, stage 3 needs two deciders, and the owner attests a stage again"
            )
        }
        try checkContent(of: promotion, entry(of: promotion.agent))
    }

    /// Records that the owner of an agent confirms to own it.
    ///
    /// - Parameters:
    ///   - body: the DSSE envelope.
    ///   - by: the operator who submits it.
    @discardableResult
    package func confirm(_ body: JSONValue, by: Pseudonym) async throws(Problem) -> JSONValue {
        let signed: SignedOwnership
        do throws(FormError) {
            signed = try SignedOwnership(Envelope(json: body), verifiedBy: registry.verifier)
        } catch { throw Problem(error) }
        let confirmation = signed.confirmation
        let entry = try entry(of: confirmation.agent)
        guard confirmation.owner == entry.owner, let keys = registry.keys,
            let signer = signed.signer(among: keys, tier: entry.tier)
        else {
            throw Problem(
                .badSignature, "no key of the agent's owner that counts signed the confirmation")
        }
        try checkDate(confirmation.date)
        try await record(
            .ownerConfirmed,
            [
                "agent": .string(confirmation.agent.text),
                "signers": .array([.string(signer.text)]), "by": .string(by.text),
            ], signed.envelope)
        do throws(StageStoreFailure) { try await registry.keep(signed) } catch {
            throw Problem(.notRecorded, "the store did not take the confirmation: \(error)")
        }
        return ["agent": .string(confirmation.agent.text), "owner": .string(signer.text)]
    }
}

extension TrustStageService {
    /// The latest time that was seen.
    package var now: Timestamp { registry.now() }

    /// The date of the last confirmation by the owner whom the policy names; nil without one that counts.
    package func ownerConfirmed(of agent: AgentName) -> Timestamp? {
        registry.ownerConfirmed(of: agent)
    }

    /// The longest age of an owner's confirmation, by the criteria in force.
    package var longestConfirmed: Duration {
        (registry.currentCriteria ?? .standard).ownerConfirmed
    }

    /// The authorized keys of now; nil while they cannot be read.
    package var keys: AuthorizedKeys? { registry.keys }

    /// The owner whom the policy in force names; nil without one, and for an agent that it does not have.
    package func owner(of agent: AgentName) -> Person? {
        gateway.policy.snapshot.agents[agent]?.owner
    }

    /// The longest time for which the criteria in force let an agent have a stage; nil without criteria.
    package func longest(at stage: AutonomyStage) -> Duration? {
        registry.currentCriteria?.expiry[stage]
    }

    /// Raises an alert that concerns no agent.
    package func raise(alarm code: String, subject: String) {
        gateway.raise(alarm: code, subject: subject)
    }
}
