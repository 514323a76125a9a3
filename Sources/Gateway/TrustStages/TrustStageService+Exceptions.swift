package import InterlockAdministration
import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
package import InterlockTrust

// Exceptions by which two people raise a stage for a time (docs/specs/trust-and-review.md, section 5). They are recorded
// first, then kept, then act, as promotions are.
extension TrustStageService {
    /// The exceptions that raise an agent now, by the name of the agent.
    package var exceptions: [StageException] { registry.exceptions }

    /// Takes an exception that its deciders have signed. Neither criteria nor readiness are asked; the ceilings of policy
    /// and owner hold, and so do a cool-down, demotions and failing evals.
    ///
    /// - Parameters:
    ///   - body: the DSSE envelope.
    ///   - by: the operator who submits it.
    /// - Returns: the agent and the stage that it has now.
    @discardableResult
    package func except(_ body: JSONValue, by: Pseudonym) async throws(Problem) -> JSONValue {
        await signing.enter()
        defer { signing.leave() }
        let signed: SignedStageException
        do throws(FormError) {
            signed = try SignedStageException(
                Envelope(json: body), verifiedBy: registry.verifier)
        } catch { throw Problem(error) }
        let exception = signed.exception
        let entry = try entry(of: exception.agent)
        guard let keys = registry.keys, let signers = signed.signers(among: keys, tier: entry.tier)
        else {
            throw Problem(
                .badSignature, "the exception needs the signature of each decider that it names")
        }
        try check(exception, entry)
        let fields: JSONObject = [
            "agent": .string(exception.agent.text), "from": .string(exception.from.name),
            "to": .string(exception.to.name), "date": .integer(exception.date.microseconds),
            "until": .integer(exception.expires.microseconds),
            "signers": .array(signers.map { .string($0.text) }),
            "pol": .string(exception.policy.base64), "by": .string(by.text),
        ]
        try await record(.trustExcepted, fields, signed.envelope)
        do throws(StageStoreFailure) { try await registry.keep(signed) } catch {
            throw unkept(.trustExcepted, fields, signed.envelope, "exception.unkept", error)
        }
        await sources.redecide()
        return answer(exception.agent)
    }

    private func check(_ exception: StageException, _ entry: AgentEntry) throws(Problem) {
        guard exception.owner == entry.owner else {
            throw Problem(.otherState, "the policy names another owner of the agent")
        }
        try checkDate(exception.date)
        guard registry.now() < exception.expires else {
            throw Problem(.otherState, "the exception is over")
        }
        guard registry.currentCriteria != nil else {
            throw Problem(.otherState, "no criteria are in force, so every agent is at stage 0")
        }
        guard exception.policy == gateway.policy.snapshot.digest else {
            throw Problem(.otherState, "another policy is in force than the one of the exception")
        }
        try checkLimits(of: entry, to: exception.to)
        if let refusal = registry.history(of: exception.agent).refusal(of: exception) {
            throw Problem(.otherState, refusal.text)
        }
    }
}
