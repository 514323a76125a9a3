import InterlockEvals
import InterlockGovernor
package import InterlockJSON
package import InterlockModel
import InterlockPolicy
import InterlockPorts

/// The verdict of the change gate on an agent whose prompt, skills and model are those of its latest result.
struct AgentGateStatus: Sendable, Hashable {
    let agent: AgentName
    let tier: Tier
    let fact: EvalFact
    /// The time at which its result becomes too old, or an exception ends; nil unless it passes.
    let until: Timestamp?
    /// The time from which `until` is near; nil without it.
    var near: Timestamp?

    /// True if a result of the agent is on record, of whatever fingerprint.
    var hasResult = false

    /// Returns true if the agent is only named, until the period after the upgrade ends.
    func waits(in period: GatePeriod, at now: Timestamp) -> Bool {
        fact == .missing && !hasResult && period.isOpen(at: now)
    }

    /// The first command that leads to a result that counts; nil if one does.
    var next: String? {
        switch fact {
        case .passed: nil
        // A starter suite has no reviews and no agent cases, so it suffices at tier low alone.
        case .missing where !hasResult && tier == .low:
            "interlock eval run \(agent.text) --starter --sign KEY"
        case .missing, .failed, .stale, .unsigned: "interlock eval run \(agent.text) --sign KEY"
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

    package func status(of agent: AgentName) -> JSONValue {
        let now = gatewayTime
        guard let status = self.status(of: agent, at: now) else { return .null }
        let period = registry.period
        func time(_ time: Timestamp?) -> JSONValue {
            time.map { .string($0.rfc3339(fractionDigits: 0)) } ?? .null
        }
        return [
            "gate": .string(status.fact.rawValue), "until": time(status.until),
            "excepted": .bool(registry.view.exceptionEnd(of: agent, at: now) != nil),
            "waits_until": time(status.waits(in: period, at: now) ? period.end : nil),
            "next": status.next.map(JSONValue.string) ?? .null,
        ]
    }

    /// Returns one line for the operator who starts the gateway: the agents above stage observe without a result that
    /// counts, since when they are refused, and how to get one. Is nil if there are none.
    package func startLine() -> String? {
        let now = gatewayTime
        let lacking = statuses(at: now).filter { $0.fact != .passed }
        guard let first = lacking.first else { return nil }
        let period = registry.period
        let parts = [
            Self.line(
                lacking.filter { !$0.waits(in: period, at: now) }, "their calls are refused"),
            Self.line(
                lacking.filter { $0.waits(in: period, at: now) },
                "their calls are refused from \(period.end.rfc3339(fractionDigits: 0))"),
        ].compactMap { $0 }
        return parts.joined(separator: "; ") + "; next: " + (first.next ?? "interlock status")
    }

    private static func line(_ agents: [AgentGateStatus], _ effect: String) -> String? {
        guard !agents.isEmpty else { return nil }
        let names = agents.prefix(20).map(\.agent.text).joined(separator: ", ")
        let more = agents.count > 20 ? " and \(agents.count - 20) more" : ""
        return "agents without passing evals: \(names)\(more); \(effect)"
    }

    func statuses(at now: Timestamp) -> [AgentGateStatus] {
        let view = registry.view
        return gatedAgents.compactMap { view.status(of: $0, at: now) }
    }

    /// Returns nil if the policy in force does not have the agent.
    func status(of agent: AgentName, at now: Timestamp) -> AgentGateStatus? {
        registry.view.status(of: agent, at: now)
    }
}

extension GateView {
    /// Returns nil if the policy does not have the agent.
    func status(of agent: AgentName, at now: Timestamp) -> AgentGateStatus? {
        guard let entry = policy.agents[agent] else { return nil }
        if let end = exceptionEnd(of: agent, at: now) {
            return AgentGateStatus(
                agent: agent, tier: entry.tier, fact: .passed, until: end, near: now)
        }
        let run = run(of: agent, entry.tier)
        // A run that is measured; others say `unproven` when they call.
        let fact = fact(of: run, .measured, at: now)
        let end = fact == .passed ? end(of: run, at: now) : nil
        return AgentGateStatus(
            agent: agent, tier: entry.tier, fact: fact, until: end?.until, near: end?.near,
            hasResult: hasResult(agent))
    }

    /// A run of which nothing is known but its agent.
    func run(of agent: AgentName, _ tier: Tier) -> GatedRun {
        GatedRun(
            agent: agent, run: RunID(milliseconds: 0, random: [UInt8](repeating: 0, count: 10)),
            tier: tier, policy: policy.digest, began: nil)
    }

    /// Returns when the agent ceases to pass, if nothing else changes, and from when that is near.
    private func end(of run: GatedRun, at now: Timestamp) -> (until: Timestamp, near: Timestamp)? {
        guard let pair = pair(of: run, at: now)?.pair else { return nil }
        if let entry = gate.entry(of: run.agent, fingerprint: pair.digest, tier: run.tier) {
            let until = entry.expiry(at: run.tier)
            return (until, until - entry.nearness(at: run.tier))
        }
        guard let carried = pair.carried,
            let entry = gate.entry(of: run.agent, fingerprint: carried.digest, tier: run.tier)
        else { return nil }
        return (min(entry.expiry(at: run.tier), carried.until), now)
    }
}

extension EvalGate.Entry {
    /// The time before its end in which lists warn of it: 14 days, or half of the time for which the result counts if
    /// that is less. At tier high every result would be near its end otherwise.
    func nearness(at tier: Tier) -> Duration {
        let life = min(result.maxAge, tier.resultAge.components.seconds)
        return .seconds(min(14 * 86_400, life / 2))
    }
}
