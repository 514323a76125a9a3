import InterlockEvals
import InterlockGovernor
package import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// The verdict of the change gate on an agent whose prompt, skills and model are those of its latest result.
struct AgentGateStatus: Sendable, Hashable {
    let agent: AgentName
    let tier: Tier
    let fact: EvalFact
    /// The time at which its result becomes too old; nil unless it passes.
    let until: Timestamp?

    /// The command that leads to a result.
    var next: String? {
        switch fact {
        case .passed: nil
        case .missing: "interlock eval run \(agent.text) --starter"
        case .failed, .stale, .unsigned: "interlock eval run \(agent.text)"
        case .thin: "interlock eval lint \(agent.text)"
        case .unproven: "interlock run \(agent.text) -- COMMAND"
        }
    }

    var json: JSONValue {
        [
            "agent": .string(agent.text), "tier": .string(tier.rawValue),
            "gate": .string(fact.rawValue),
            "until": until.map { .string($0.rfc3339(fractionDigits: 0)) } ?? .null,
            "next": next.map(JSONValue.string) ?? .null,
        ]
    }
}

extension ChangeGateService {
    package func status() -> JSONValue {
        let now = gatewayTime
        let period = registry.period
        return [
            "refuses_missing_from": period.isOpen(at: now)
                ? .string(period.end.rfc3339(fractionDigits: 0)) : .null,
            "agents": .array(statuses(at: now).map(\.json)),
        ]
    }

    /// Returns one line for the operator who starts the gateway: the agents above stage observe without a result that
    /// counts, since when they are refused, and how to get one. Is nil if there are none.
    package func startLine() -> String? {
        let now = gatewayTime
        let lacking = statuses(at: now).filter { $0.fact != .passed }
        guard let first = lacking.first else { return nil }
        let period = registry.period
        let isOpen = period.isOpen(at: now)
        let parts = [
            Self.line(
                lacking.filter { !isOpen || $0.fact != .missing }, "their calls are refused"),
            Self.line(
                lacking.filter { isOpen && $0.fact == .missing },
                "their calls are refused from \(period.end.rfc3339(fractionDigits: 0))"),
        ].compactMap { $0 }
        return parts.joined(separator: "; ") + "; next: " + (first.next ?? "interlock eval run")
    }

    private static func line(_ agents: [AgentGateStatus], _ effect: String) -> String? {
        guard !agents.isEmpty else { return nil }
        let names = agents.prefix(20).map(\.agent.text).joined(separator: ", ")
        let more = agents.count > 20 ? " and \(agents.count - 20) more" : ""
        return "agents without passing evals: \(names)\(more); \(effect)"
    }

    func statuses(at now: Timestamp) -> [AgentGateStatus] {
        gatedAgents.compactMap { status(of: $0, at: now) }
    }

    /// Returns nil if the policy in force does not have the agent.
    func status(of agent: AgentName, at now: Timestamp) -> AgentGateStatus? {
        let view = registry.view
        guard let entry = view.policy.agents[agent] else { return nil }
        let run = GatedRun(
            agent: agent, run: RunID(milliseconds: 0, random: [UInt8](repeating: 0, count: 10)),
            tier: entry.tier, policy: view.policy.digest, began: nil)
        if let end = view.exceptionEnd(of: agent, at: now) {
            return AgentGateStatus(agent: agent, tier: entry.tier, fact: .passed, until: end)
        }
        // A run that is measured; others say `unproven` when they call.
        let fact = view.fact(of: run, .measured, at: now)
        let until = fact == .passed ? view.expiry(of: run, at: now) : nil
        return AgentGateStatus(agent: agent, tier: entry.tier, fact: fact, until: until)
    }
}

extension GateView {
    /// Returns when the result of the agent's declared fingerprint becomes too old.
    fileprivate func expiry(of run: GatedRun, at now: Timestamp) -> Timestamp? {
        guard let pair = pair(of: run, at: now)?.pair else { return nil }
        let entry =
            gate.entry(of: run.agent, fingerprint: pair.digest)
            ?? pair.carried.flatMap { gate.entry(of: run.agent, fingerprint: $0.digest) }
        return entry?.expiry(at: run.tier)
    }
}
