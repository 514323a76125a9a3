import InterlockAdministration
import InterlockJSON
package import InterlockModel
import InterlockPolicy
import InterlockPorts
package import InterlockTrust
import InterlockTrustStages

/// The answer whether an agent may be promoted, at one moment.
struct PromotionAssessment {
    let lines: [TrustSnapshot.Line]
    /// The reasons against it, in words; empty if there are none.
    let missing: [String]
    /// Is nil if a part of it is not known.
    let snapshot: TrustSnapshot?
}

// The evidence of a proposal, and its file.
extension PromotionService {
    static let snapshotEnd = ".json"
    static let documentEnd = ".dsse"

    /// Reads the log. The stage is one that a promotion from the agent's stage can reach.
    func assess(
        _ agent: AgentName, to stage: AutonomyStage, _ ground: PromotionGround, undoes: Bool
    ) async -> PromotionAssessment {
        var missing = limits(on: stage, ground, undoes: undoes)
        let passing = sources.passing(agent)
        let known = facts(of: agent, ground.entry.owner, ground.keys, passing: passing != nil)
        missing += await unready(agent, for: stage)
        guard let criteria = ground.criteria else {
            return PromotionAssessment(
                lines: [], missing: missing + ["criteria: no signed criteria file is in force"],
                snapshot: nil)
        }
        let request = PromotionEvidenceRequest(
            agent: agent, stage: stage, policy: ground.policy, criteria: criteria, known: known,
            now: ground.now, undoneSince: undoes ? ground.undoableSince : nil)
        guard let evidence = await sources.evidence.evidence(on: request) else {
            return PromotionAssessment(
                lines: [], missing: missing + ["log: the agent's record cannot be read from it"],
                snapshot: nil)
        }
        let lines = evidence.assessment.results.map { TrustSnapshot.Line($0) }
        missing += lines.filter { !$0.isMet }.map(\.text)
        guard let passing, let digest = criteria.digest(hashing: hashing) else {
            return PromotionAssessment(lines: lines, missing: missing, snapshot: nil)
        }
        return PromotionAssessment(
            lines: lines, missing: missing,
            snapshot: TrustSnapshot(
                org: ground.policy.org, agent: agent, from: ground.earned, to: stage,
                date: ground.now, checkpoint: evidence.checkpoint, criteria: digest,
                policy: ground.policy.digest, fingerprint: passing.fingerprint,
                evalResult: passing.result, undoes: undoes, lines: lines))
    }

    /// The facts about an agent that its log does not have.
    package func facts(of agent: AgentName) -> AgentFacts {
        guard let ground = try? stages.ground(of: agent) else { return AgentFacts() }
        return facts(
            of: agent, ground.entry.owner, ground.keys, passing: sources.passing(agent) != nil)
    }

    private func facts(
        of agent: AgentName, _ owner: Person?, _ keys: AuthorizedKeys?, passing: Bool
    ) -> AgentFacts {
        AgentFacts(
            evalPasses: passing, review: sources.reviews?.reviewStatus(of: agent),
            owner: owner.flatMap { keys?.person($0)?.pseudonym })
    }

    private func limits(
        on stage: AutonomyStage, _ ground: PromotionGround, undoes: Bool
    ) -> [String] {
        var missing: [String] = []
        if stage > ground.earned, !undoes, let end = ground.cooldownEnd {
            missing.append("cool-down: until \(end.rfc3339(fractionDigits: 0))")
        }
        if let ceiling = ground.ceiling {
            if stage > ceiling { missing.append("policy: permits `\(ceiling.name)` at most") }
        } else {
            missing.append("policy: holds the agent at observe")
        }
        if let delegated = ground.delegated, stage > delegated {
            missing.append("owner: permits `\(delegated.name)` at most")
        }
        return missing
    }

    private func unready(_ agent: AgentName, for stage: AutonomyStage) async -> [String] {
        guard let reader = sources.readiness else {
            return ["ready: unknown, since nothing here answers it"]
        }
        let answer = await reader.readiness(of: agent, for: stage)
        guard !answer.isReady else { return [] }
        let unmet = answer.unmet.map {
            "ready: \($0.check.rawValue) \($0.state.rawValue), \($0.text)"
        }
        return unmet.isEmpty ? ["ready: unknown, since no check was made"] : unmet
    }

    /// - Returns: the digest, which is the id of the proposal.
    func store(_ snapshot: TrustSnapshot) async throws(Problem) -> Digest {
        let bytes: [UInt8]
        do throws(FormError) { bytes = try snapshot.canonical() } catch { throw Problem(error) }
        guard bytes.count <= TrustSnapshot.largest else {
            throw Problem(.tooLarge, "the evidence is larger than a file of it may be")
        }
        let evidence = hashing.sha256(bytes)
        try await write(bytes, evidence.hex + Self.snapshotEnd)
        return evidence
    }

    func write(_ bytes: [UInt8], _ name: String) async throws(Problem) {
        do throws(StoreFailure) { try await files.write(bytes, as: name) } catch {
            throw Problem(.notRecorded, "the store did not take it: \(error.reason)")
        }
    }

    /// Returns the proposal with the signatures so far, whether or not it can still be signed.
    ///
    /// - Throws: `noSuchOrder`; `notRead` also for a file that is not as it was written.
    func proposal(_ evidence: Digest) async throws(Problem) -> PromotionProposal {
        guard let bytes = try await read(evidence.hex + Self.snapshotEnd) else {
            throw Problem(.noSuchOrder, "there is no proposal `\(evidence.prefixed)`")
        }
        guard hashing.sha256(bytes) == evidence else {
            throw Problem(.notRead, "the file of the proposal is not as it was written")
        }
        let snapshot: TrustSnapshot
        do throws(FormError) { snapshot = try TrustSnapshot(parsing: bytes) } catch {
            throw Problem(.notRead, "the file of the proposal is not as it was written: \(error)")
        }
        return PromotionProposal(
            evidence: evidence, snapshot: snapshot, document: try await document(evidence))
    }

    /// The document so far; nil also if one of its signatures does not verify, so that a damaged file keeps no person from
    /// signing.
    private func document(_ evidence: Digest) async throws(Problem) -> Envelope? {
        guard let bytes = try await read(evidence.hex + Self.documentEnd),
            let envelope = try? Envelope(parsing: bytes),
            let signed = try? signed(envelope),
            let keys = stages.keys, signed.hasOnlyDeciders(among: keys)
        else { return nil }
        return envelope
    }

    private func read(_ name: String) async throws(Problem) -> [UInt8]? {
        do throws(StoreFailure) { return try await files.read(name) } catch {
            throw Problem(.notRead, "the proposal cannot be read: \(error.reason)")
        }
    }
}
