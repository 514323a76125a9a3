package import InterlockAdministration
import InterlockEvals
package import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization

/// Takes results of evals, exceptions and release manifests for the operator, and names the agents that the change gate
/// refuses or will refuse.
package final class ChangeGateService: EvalActions {
    private let gate = AsyncGate()
    let gateway: Gateway
    let registry: ChangeGateRegistry
    private let alerts = Mutex(GateAlerts())
    private let unsignedAlerts = Mutex(UnsignedAlerts())

    package init(gateway: Gateway, registry: ChangeGateRegistry) {
        self.gateway = gateway
        self.registry = registry
    }

    /// Recorded first, then kept, then counted: if the process dies between two steps, the statement does not count, and
    /// can be submitted again.
    package func submit(
        _ body: JSONValue, by: Pseudonym
    ) async throws(Problem) -> JSONValue {
        await gate.enter()
        defer { gate.leave() }
        let envelope: Envelope
        do throws(FormError) {
            envelope = try Envelope(json: body, payloadLimit: EvalResult.largest)
        } catch { throw Problem(error) }
        let now = gateway.clock.wall
        let checked = try check(envelope, at: now)
        var fields = checked.fields
        fields["by"] = .string(by.text)
        do throws(LedgerRefusal) {
            _ = try await gateway.ledger.append(record(checked.type, fields, envelope))
        } catch {
            throw Problem(
                .notRecorded, "it cannot be recorded, so it does not count (\(error.code))")
        }
        do throws(StoreFailure) { try await registry.keep(checked.statement) } catch {
            fields["code"] = .string(checked.unkept)
            gateway.ledger.note(record(checked.type, fields, envelope))
            throw Problem(.notRecorded, "the store did not take it: \(error.reason)")
        }
        return answer(checked, at: now)
    }

    private func record(
        _ type: RecordType, _ fields: JSONObject, _ envelope: Envelope
    ) -> RecordDraft {
        gateway.records.record(
            type, run: nil, fields: fields, sealing: [("proof", envelope.bytes)])
    }

    private func answer(_ checked: CheckedStatement, at now: Timestamp) -> JSONValue {
        var answer: JSONObject = [
            "agent": .string(checked.agent.text), "gate": .null, "until": .null, "proof": .null,
        ]
        if let status = status(of: checked.agent, at: now) {
            answer["gate"] = .string(status.fact.rawValue)
            answer["proof"] = .string(FingerprintProof.least(at: status.tier).rawValue)
            if let until = status.until {
                answer["until"] = .string(until.rfc3339(fractionDigits: 0))
            }
        }
        if case .result(let known) = checked.statement {
            answer["fingerprint"] = .string(known.result.fingerprint.prefixed)
            answer["verdict"] = .string(known.result.verdict.rawValue)
        }
        return .object(answer)
    }

    var gatewayTime: Timestamp { gateway.clock.wall }

    /// Raises the alert about a statement that no key signed which counts for the agent, at most once an hour.
    func raiseUnsigned(_ agent: AgentName) {
        let now = gateway.clock.boot
        guard unsignedAlerts.withLock({ $0.take(agent, at: now) }) else { return }
        gateway.raise(alarm: "eval.unsigned", subject: agent.text, about: agent)
    }

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
        let agents = statuses(at: now.wall)
        let period = registry.period
        let due = alerts.withLock { $0.take(agents, period, at: now) }
        for alert in due {
            gateway.raise(alarm: alert.code, subject: alert.agent.text, about: alert.agent)
        }
    }
}
