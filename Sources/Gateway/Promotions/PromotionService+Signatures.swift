package import InterlockAdministration
import InterlockGovernor
package import InterlockJSON
package import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTrust
import InterlockTrustStages

// The signatures under a proposal. The snapshot is durable since the proposal; the document is durable before its record,
// and the record before the stage. If the process dies between two steps, any decider signs once more.
extension PromotionService {
    /// Takes the signature of a decider. With the last one the agent is promoted.
    ///
    /// - Parameters:
    ///   - body: the DSSE envelope.
    ///   - by: the operator who submits it.
    /// - Throws: `noSuchOrder`, `otherState` if the proposal is over, the document is not about it, or its evidence does not
    ///   hold any more; nothing is stored then.
    package func sign(
        _ evidence: Digest, _ body: JSONValue, by: Pseudonym
    ) async throws(Problem) -> JSONValue {
        await gate.enter()
        defer { gate.leave() }
        let proposal = try await proposal(evidence)
        guard proposal.isOpen(at: stages.now) else {
            throw Problem(
                .otherState,
                "the proposal was valid until \(proposal.end.rfc3339(fractionDigits: 0))",
                help: "interlock trust propose \(proposal.agent.text) --to "
                    + proposal.snapshot.to.name)
        }
        let envelope = try whole(proposal, body)
        try await recheck(proposal)
        try await PeoplePasskeys.count(
            envelope, after: proposal.document, of: sources.passkeys, stages.keys,
            hashing: hashing, verifier: verifier, at: stages.now
        ) { stages.raise(alarm: $0, subject: $1) }
        try await write(envelope.bytes, evidence.hex + Self.documentEnd)
        remember(
            PromotionProposal(
                evidence: evidence, snapshot: proposal.snapshot, document: envelope))
        let signed = try signed(envelope)
        let decided = stages.keys.map { signed.decided(among: $0) } ?? []
        let waiting = signed.promotion.deciders.filter { !decided.contains($0) }
        var answer: JSONObject = [
            "agent": .string(proposal.agent.text), "to": .string(proposal.snapshot.to.name),
            "promoted": .bool(waiting.isEmpty),
            "waits_for": .array(waiting.map { .string($0.address) }),
        ]
        guard waiting.isEmpty else { return .object(answer) }
        let taken = try await stages.promote(envelope.json, by: by)
        forgetEnded()
        answer["stage"] = taken["stage"]
        return .object(answer)
    }

    /// Returns the document with the signatures of before and the new ones.
    private func whole(
        _ proposal: PromotionProposal, _ body: JSONValue
    ) throws(Problem) -> Envelope {
        let envelope: Envelope
        do throws(FormError) { envelope = try Envelope(json: body) } catch {
            throw Problem(error)
        }
        let new = try signed(envelope)
        if let member = proposal.mismatch(of: new.promotion) {
            throw Problem(
                .otherState, "the document is not about this proposal: `\(member)` differs")
        }
        guard let keys = stages.keys, new.hasOnlyDeciders(among: keys) else {
            throw Problem(
                .badSignature,
                "the signature is not by a key or passkey of a decider whom the document names")
        }
        let tier = try stages.ground(of: proposal.agent).entry.tier
        guard new.hasOnlyValidCredentials(among: keys, tier: tier) else {
            throw Problem(
                .notEligible,
                "the key or passkey is revoked, has expired, or is too new for an agent of tier high"
            )
        }
        guard let whole = proposal.adding(envelope, among: keys) else {
            throw Problem(
                .otherState, "another document of this proposal is signed already",
                help: "sign the one that `interlock trust promote` shows, or propose again")
        }
        try stages.checkContent(of: new.promotion)
        return whole
    }

    func signed(_ envelope: Envelope) throws(Problem) -> SignedPromotion {
        do throws(FormError) {
            return try SignedPromotion(
                envelope, verifiedBy: verifier, passkeys: sources.passkeys?.judge(hashing))
        } catch { throw Problem(error) }
    }

    /// Computes the evidence once more, from the log of now.
    private func recheck(_ proposal: PromotionProposal) async throws(Problem) {
        let ground = try stages.ground(of: proposal.agent)
        let found = await assess(
            proposal.agent, to: proposal.snapshot.to, ground, undoes: proposal.snapshot.undoes)
        // A line that is missed is among the changes with its value of before.
        var changes = found.missing.filter { text in
            !found.lines.contains { $0.text == text }
        }
        if let snapshot = found.snapshot {
            changes += snapshot.changes(since: proposal.snapshot)
        } else {
            changes += found.lines.filter { !$0.isMet }.map(\.text)
            if changes.isEmpty { changes = ["the evidence is not known"] }
        }
        guard changes.isEmpty else {
            throw Problem(
                .otherState, "the evidence no longer holds: " + changes.joined(separator: "; "))
        }
    }
}
