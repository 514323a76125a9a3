package import InterlockAdministration
import InterlockEvals
package import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization

/// Takes results of evals for the operator, and names the agents that the change gate refuses or will refuse.
package final class ChangeGateService: EvalActions {
    private let gate = AsyncGate()
    private let gateway: Gateway
    let registry: ChangeGateRegistry
    private let alerts = Mutex(GateAlerts())

    package init(gateway: Gateway, registry: ChangeGateRegistry) {
        self.gateway = gateway
        self.registry = registry
    }

    /// Recorded first, then kept, then counted: if the process dies between two steps, the result does not count, and can
    /// be submitted again.
    package func submit(
        _ body: JSONValue, by: Pseudonym
    ) async throws(Problem) -> JSONValue {
        await gate.enter()
        defer { gate.leave() }
        let known = try read(body)
        let result = known.result
        let now = gateway.clock.wall
        try check(known, at: now)
        let record = gateway.records.record(
            .evalResult, run: nil, fields: fields(of: result, by),
            sealing: [("proof", known.signed.envelope.bytes)])
        do throws(LedgerRefusal) { _ = try await gateway.ledger.append(record) } catch {
            throw Problem(
                .notRecorded, "the result cannot be recorded, so it does not count (\(error.code))")
        }
        do throws(StoreFailure) { try await registry.keep(known) } catch {
            var unkept = fields(of: result, by)
            unkept["code"] = "result.unkept"
            gateway.ledger.note(
                gateway.records.record(
                    .evalResult, run: nil, fields: unkept,
                    sealing: [("proof", known.signed.envelope.bytes)]))
            throw Problem(.notRecorded, "the store did not take the result: \(error.reason)")
        }
        let agent = standing(of: result.agent, at: now)
        return [
            "agent": .string(result.agent.text),
            "fingerprint": .string(result.fingerprint.prefixed),
            "verdict": .string(result.verdict.rawValue),
            "gate": agent.map { .string($0.fact.rawValue) } ?? .null,
            "until": agent?.until.map { .string($0.rfc3339(fractionDigits: 0)) } ?? .null,
        ]
    }

    private func read(_ body: JSONValue) throws(Problem) -> KnownResult {
        do throws(FormError) {
            let envelope = try Envelope(json: body, payloadLimit: EvalResult.largest)
            return KnownResult(
                try SignedEvalResult(envelope, hashing: registry.hashing),
                verifiedBy: registry.verifier)
        } catch { throw Problem(error) }
    }

    private func check(_ known: KnownResult, at now: Timestamp) throws(Problem) {
        let (policy, result) = (gateway.policy.snapshot, known.result)
        guard policy.agents[result.agent] != nil else {
            throw Problem(.noSuchAgent, "the policy has no agent `\(result.agent.text)`")
        }
        guard !known.signers(among: registry.keys(of: policy, at: now)).isEmpty else {
            gateway.raise(
                alarm: "eval.unsigned", subject: result.agent.text, about: result.agent)
            throw Problem(
                .badSignature, "no key in `eval.signers` of the policy signed the result",
                help: "sign it by a key that the policy lists and that is not revoked: "
                    + "interlock eval run --sign KEY")
        }
        guard result.ended <= now + EvalGate.clockTolerance else {
            throw Problem(.otherState, "the result ended in the future, so its age cannot be told")
        }
        guard !registry.results(of: result.agent).contains(where: known.isOutdated(by:)) else {
            throw Problem(
                .otherState, "a result of this fingerprint that is not older is on record already")
        }
    }

    private func fields(of result: EvalResult, _ by: Pseudonym) -> JSONObject {
        let until = result.ended + .seconds(result.maxAge)
        var fields: JSONObject = [
            "agent": .string(result.agent.text), "fp": .string(result.fingerprint.base64),
            "digest": .string(result.suite.base64), "verdict": .string(result.verdict.rawValue),
            "kind": .string(result.proof.rawValue), "until": .integer(until.microseconds),
            "by": .string(by.text),
        ]
        if !result.flags.isEmpty {
            fields["codes"] = .array(result.flags.map(JSONValue.string))
        }
        return fields
    }

    var gatewayTime: Timestamp { gateway.clock.wall }

    /// The agents of the policy in force above stage observe, sorted: all others are denied every call anyway.
    var gatedAgents: [AgentName] {
        let policy = gateway.policy.snapshot
        return policy.agents.keys.sorted().filter { gateway.stage(of: $0, in: policy) != .observe }
    }

    /// Counts the keys again every minute, and raises the alerts that are due. Called every second.
    package func sweep() async {
        let now = gateway.clock.now
        guard alerts.withLock({ $0.isDue(at: now.boot) }) else { return }
        await registry.renew()
        let agents = standings(at: now.wall)
        let due = alerts.withLock { $0.take(agents, registry.period, at: now) }
        for alert in due {
            gateway.raise(alarm: alert.code, subject: alert.agent.text, about: alert.agent)
        }
    }
}
