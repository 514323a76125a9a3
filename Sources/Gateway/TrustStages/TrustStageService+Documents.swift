package import InterlockAdministration
import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTrust

// Promotions and ceilings that people sign. Each is recorded first, then kept, then acts: if the process dies between two
// steps, it does not count, and can be submitted again.
extension TrustStageService {
    /// The time for which a proposal is valid, and the tolerated difference between the clocks of people and gateway.
    private static let validity = Duration.seconds(7 * 86_400)
    private static let clockTolerance = Duration.seconds(300)

    /// Takes a promotion that its deciders have signed, or the attestation of a stage.
    ///
    /// - Parameters:
    ///   - body: the DSSE envelope.
    ///   - by: the operator who submits it.
    /// - Returns: the agent and the stage that it has now.
    @discardableResult
    package func promote(_ body: JSONValue, by: Pseudonym) async throws(Problem) -> JSONValue {
        await signing.enter()
        defer { signing.leave() }
        let signed: SignedPromotion
        do throws(FormError) {
            signed = try SignedPromotion(
                Envelope(json: body), verifiedBy: registry.verifier,
                passkeys: registry.passkeys)
        } catch { throw Problem(error) }
        let promotion = signed.promotion
        let signers = try check(signed)
        let fields: JSONObject = [
            "agent": .string(promotion.agent.text), "from": .string(promotion.from.name),
            "to": .string(promotion.to.name), "date": .integer(promotion.date.microseconds),
            "until": .integer(promotion.expires.microseconds),
            "signers": .array(signers.map { .string($0.text) }),
            "fp": .string(promotion.fingerprint.base64), "pol": .string(promotion.policy.base64),
            "h": .string(promotion.evidence.base64),
            "digest": .string(promotion.criteria.base64), "by": .string(by.text),
        ]
        try await record(.trustPromoted, fields, signed.envelope)
        do throws(StageStoreFailure) { try await registry.keep(signed) } catch {
            throw unkept(.trustPromoted, fields, signed.envelope, "promotion.unkept", error)
        }
        await sources.redecide()
        return answer(promotion.agent)
    }

    /// Takes the ceiling that the owner of an agent has signed.
    @discardableResult
    package func delegate(_ body: JSONValue, by: Pseudonym) async throws(Problem) -> JSONValue {
        await signing.enter()
        defer { signing.leave() }
        let signed: SignedStageDelegation
        do throws(FormError) {
            signed = try SignedStageDelegation(
                Envelope(json: body), verifiedBy: registry.verifier)
        } catch { throw Problem(error) }
        let delegation = signed.delegation
        let entry = try entry(of: delegation.agent)
        guard delegation.owner == entry.owner, let keys = registry.keys,
            let signer = signed.signer(among: keys, tier: entry.tier)
        else {
            throw Problem(
                .badSignature, "no key of the agent's owner that counts signed the ceiling")
        }
        try checkDate(delegation.date)
        if let refusal = registry.history(of: delegation.agent).refusal(of: delegation) {
            throw Problem(.otherState, refusal.text)
        }
        let fields: JSONObject = [
            "agent": .string(delegation.agent.text), "to": .string(delegation.most.name),
            "signers": .array([.string(signer.text)]), "by": .string(by.text),
        ]
        try await record(.trustDelegated, fields, signed.envelope)
        do throws(StageStoreFailure) { try await registry.keep(signed) } catch {
            throw unkept(.trustDelegated, fields, signed.envelope, "delegation.unkept", error)
        }
        await sources.redecide()
        return answer(delegation.agent)
    }

    /// - Returns: the deciders whose signatures count.
    private func check(_ signed: SignedPromotion) throws(Problem) -> [Pseudonym] {
        let promotion = signed.promotion
        let entry = try entry(of: promotion.agent)
        guard let keys = registry.keys, let signers = signed.signers(among: keys, tier: entry.tier)
        else {
            throw Problem(
                .badSignature,
                "the promotion needs the signature of each decider that it names; from stage 2 on one who is not the owner, two for stage 3 and to undo a demotion, and the owner to attest a stage again"
            )
        }
        try checkContent(of: promotion, entry)
        return signers
    }

    /// Refuses what no signature makes good: another owner, a date, a stage that does not follow.
    func checkContent(of promotion: Promotion, _ entry: AgentEntry) throws(Problem) {
        guard promotion.owner == entry.owner else {
            throw Problem(.otherState, "the policy names another owner of the agent")
        }
        try checkDate(promotion.date)
        try checkTerms(promotion, entry)
        if let refusal = registry.history(of: promotion.agent).refusal(of: promotion) {
            throw Problem(.otherState, refusal.text)
        }
    }

    private func checkTerms(_ promotion: Promotion, _ entry: AgentEntry) throws(Problem) {
        guard let criteria = registry.currentCriteria,
            criteria.digest(hashing: registry.hashing) == promotion.criteria
        else {
            throw Problem(
                .otherState,
                "the criteria in force are not those of the promotion, or cannot be read")
        }
        guard let longest = criteria.expiry[promotion.to],
            promotion.expires - promotion.date <= longest, registry.now() < promotion.expires
        else {
            throw Problem(
                .otherState, "the promotion is over, or lasts longer than the criteria let it")
        }
        let policy = gateway.policy.snapshot
        guard promotion.policy == policy.digest else {
            throw Problem(.otherState, "another policy is in force than the one of the promotion")
        }
        try checkLimits(of: entry, to: promotion.to)
    }

    /// Refuses a stage that the policy, the owner or failing evals keep from an agent.
    func checkLimits(of entry: AgentEntry, to stage: AutonomyStage) throws(Problem) {
        guard entry.incomplete.isEmpty, let ceiling = AutonomyStage(ceilingOf: entry.stage),
            stage <= ceiling
        else {
            throw Problem(.otherState, "the stage is above what the policy permits the agent")
        }
        // The limit is what the owner delegates, also if it is over since the owner changed.
        if let delegated = registry.status(of: entry.name).limits.delegation, stage > delegated {
            throw Problem(.otherState, "the stage is above what the owner delegates")
        }
        guard !sources.isFailing(entry.name) else {
            throw Problem(
                .otherState, "evals of the agent's current fingerprint fail, or prove nothing")
        }
    }

    func checkDate(_ date: Timestamp) throws(Problem) {
        let now = gateway.clock.wall
        guard date <= now + Self.clockTolerance, now - date <= Self.validity else {
            throw Problem(
                .otherState, "the document is dated in the future, or more than 7 days ago")
        }
    }

    func entry(of agent: AgentName) throws(Problem) -> AgentEntry {
        guard let entry = gateway.policy.snapshot.agents[agent] else {
            throw Problem(.noSuchAgent, "the policy has no agent `\(agent.text)`")
        }
        return entry
    }

    func record(
        _ type: RecordType, _ fields: JSONObject, _ envelope: Envelope
    ) async throws(Problem) {
        do throws(LedgerRefusal) {
            _ = try await gateway.ledger.append(draft(type, fields, envelope))
        } catch {
            throw Problem(
                .notRecorded, "it cannot be recorded, so it does not count (\(error.code))")
        }
    }

    /// Records that a document which is on record does not count.
    func unkept(
        _ type: RecordType, _ fields: JSONObject, _ envelope: Envelope, _ code: String,
        _ failure: StageStoreFailure
    ) -> Problem {
        var fields = fields
        fields["code"] = .string(code)
        gateway.ledger.note(draft(type, fields, envelope))
        switch failure {
        case .store(let reason):
            return Problem(.notRecorded, "the store did not take it: \(reason)")
        case .refused(let refusal): return Problem(.otherState, refusal.text)
        }
    }

    private func draft(
        _ type: RecordType, _ fields: JSONObject, _ envelope: Envelope
    ) -> RecordDraft {
        // Each passkey's public key is in it, so that anyone can verify the signature offline.
        let evidence = envelope.evidence { registry.passkeys?.passkey($0)?.publicKey }
        return gateway.records.record(
            type, run: nil, fields: fields, sealing: [("proof", evidence.serialized())])
    }

    func answer(_ agent: AgentName) -> JSONValue {
        let status = registry.status(of: agent)
        return [
            "agent": .string(agent.text), "stage": .integer(Int64(status.stage.rawValue)),
            "name": .string(status.stage.name),
        ]
    }
}
