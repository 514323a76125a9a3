import InterlockAdministration
import InterlockEvals
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// A statement that may count, with the fields of its record but the operator.
struct CheckedStatement {
    let statement: GateStatement
    let agent: AgentName
    let type: RecordType
    let fields: JSONObject
    /// The code of the record that takes it back.
    let unkept: String
}

extension ChangeGateService {
    func check(_ envelope: Envelope, at now: Timestamp) throws(Problem) -> CheckedStatement {
        switch try statement(in: envelope) {
        case .result(let known): return try check(known, at: now)
        case .exception(let signed): return try check(signed, at: now)
        case .manifest(let signed): return try check(signed, at: now)
        }
    }

    private func statement(in envelope: Envelope) throws(Problem) -> GateStatement {
        do throws(FormError) {
            switch envelope.payloadType {
            case .evalException:
                return .exception(
                    try SignedEvalException(envelope, verifiedBy: registry.verifier))
            case .releaseManifest:
                return .manifest(
                    try SignedReleaseManifest(envelope, verifiedBy: registry.verifier))
            default:
                let signed = try SignedEvalResult(envelope, hashing: registry.hashing)
                return .result(KnownResult(signed, verifiedBy: registry.verifier))
            }
        } catch { throw Problem(error) }
    }

    private func check(
        _ known: KnownResult, at now: Timestamp
    ) throws(Problem) -> CheckedStatement {
        let result = known.result
        let (entry, keys) = try entry(of: result.agent, at: now)
        guard !known.signers(among: keys.signers).isEmpty else {
            throw unsigned(
                result.agent, "no key in `eval.signers` of the policy signed the result",
                help: "interlock eval run --sign KEY, with a key that the policy lists")
        }
        guard result.ended <= now + EvalGate.clockTolerance else {
            throw Problem(
                .otherState, "the result ended in the future, so its age cannot be told")
        }
        guard !result.isPartial else {
            throw Problem(
                .otherState, "the result is of a part of the suite, and no such result counts",
                help: "interlock eval run --sign KEY, with all cases and the trials of the suite")
        }
        guard !registry.isTooOld(result) else {
            throw Problem(
                .otherState,
                "the result is older than the \(GateInputs.mostResults) that are known of the agent"
            )
        }
        let recorded = registry.results(of: result.agent).filter {
            $0.result.fingerprint == result.fingerprint
                && !$0.signers(among: keys.signers).isEmpty
        }
        guard recorded.allSatisfy({ $0.result.isReplaced(by: result) }) else {
            throw Problem(
                .otherState, "a result of this fingerprint that is not older is on record already")
        }
        func isIndependent(_ one: KnownResult) -> Bool {
            one.signers(among: keys.signers).contains { $0.isIndependent(of: entry.owners) }
        }
        // A key that the owner holds takes no result away that counts at the agent's tier.
        guard
            entry.tier == .low || isIndependent(known)
                || !recorded.contains(where: isIndependent)
        else {
            throw Problem(
                .otherState,
                "the result on record is signed by a key that the agent's owner does not hold, and this one is not"
            )
        }
        let until = result.ended + .seconds(result.maxAge)
        var fields: JSONObject = [
            "agent": .string(result.agent.text), "fp": .string(result.fingerprint.base64),
            "digest": .string(result.suite.base64), "verdict": .string(result.verdict.rawValue),
            "kind": .string(result.proof.rawValue), "until": .integer(until.microseconds),
        ]
        if !result.flags.isEmpty {
            fields["codes"] = .array(result.flags.map(JSONValue.string))
        }
        return CheckedStatement(
            statement: .result(known), agent: result.agent, type: .evalResult, fields: fields,
            unkept: "result.unkept")
    }

    private func check(
        _ signed: SignedEvalException, at now: Timestamp
    ) throws(Problem) -> CheckedStatement {
        let exception = signed.exception
        let (entry, keys) = try entry(of: exception.agent, at: now)
        guard
            let people = keys.trust.flatMap({
                signed.people(among: $0, owner: entry.owner, tier: entry.tier, at: now)
            })
        else {
            throw unsigned(
                exception.agent,
                "an exception needs the signatures of \(EvalException.quorum) people other than the agent's owner, at tier high by keys of a day",
                help: "interlock eval except --cosign FILE --as EMAIL")
        }
        guard exception.from <= now + EvalGate.clockTolerance, now < exception.until else {
            throw Problem(.otherState, "the exception is over, or begins in the future")
        }
        return CheckedStatement(
            statement: .exception(signed), agent: exception.agent, type: .evalExcepted,
            fields: [
                "agent": .string(exception.agent.text),
                "signers": .array(people.map { .string($0.text) }),
                "until": .integer(exception.until.microseconds),
            ], unkept: "exception.unkept")
    }

    private func check(
        _ signed: SignedReleaseManifest, at now: Timestamp
    ) throws(Problem) -> CheckedStatement {
        let manifest = signed.manifest
        let (entry, keys) = try entry(of: manifest.agent, at: now)
        guard let trust = keys.trust, sameBytes(trust.org, manifest.org),
            signed.isAttested(by: keys.attesters, owners: entry.owners)
        else {
            throw unsigned(
                manifest.agent,
                "no key in `eval.attesters` of the policy that counts for the agent signed the manifest",
                help: "a key that the agent's owner can use alone does not count")
        }
        guard entry.workloads != nil else {
            throw Problem(
                .otherState, "agent `\(manifest.agent.text)` has no `workloads` in the policy",
                help: "without them its token is bound to no workload, and the manifest to none")
        }
        guard now < manifest.until, manifest.until <= now + ReleaseManifest.longest else {
            throw Problem(.otherState, "the manifest is over, or lasts more than 31 days")
        }
        try checkReplaces(manifest, among: keys, at: now)
        return CheckedStatement(
            statement: .manifest(signed), agent: manifest.agent, type: .evalAttested,
            fields: [
                "agent": .string(manifest.agent.text), "jti": .string(manifest.credential),
                "until": .integer(manifest.until.microseconds),
            ], unkept: "manifest.unkept")
    }

    /// A manifest has no other date than its end. An earlier one of the same token, submitted once more, must not state
    /// again what its holder ran before.
    private func checkReplaces(
        _ manifest: ReleaseManifest, among keys: GateKeys, at now: Timestamp
    ) throws(Problem) {
        guard let known = registry.manifest(of: manifest.credential),
            now < known.manifest.until,
            let entry = gateway.policy.snapshot.agents[known.manifest.agent],
            known.isAttested(by: keys.attesters, owners: entry.owners)
        else { return }
        guard known.manifest.agent == manifest.agent else {
            throw Problem(.otherState, "the token is attested for another agent")
        }
        guard known.manifest.until < manifest.until else {
            throw Problem(
                .otherState, "a manifest of this token that does not end earlier is on record",
                help: "of one token the manifest that ends last counts: state a later end")
        }
    }

    private func entry(
        of agent: AgentName, at now: Timestamp
    ) throws(Problem) -> (AgentEntry, GateKeys) {
        let policy = gateway.policy.snapshot
        guard let entry = policy.agents[agent] else {
            throw Problem(.noSuchAgent, "the policy has no agent `\(agent.text)`")
        }
        return (entry, registry.keys(of: policy, at: now))
    }

    private func unsigned(_ agent: AgentName, _ detail: String, help: String) -> Problem {
        raiseUnsigned(agent)
        return Problem(.badSignature, detail, help: help)
    }
}

extension EvalResult {
    /// Returns true if the other result of the same fingerprint takes the place of this one: it ended later, or at once
    /// and did not pass while this one did.
    fileprivate func isReplaced(by other: EvalResult) -> Bool {
        guard ended == other.ended else { return ended < other.ended }
        return verdict == .pass && other.verdict != .pass
    }
}
