package import InterlockGovernor
package import InterlockModel
import InterlockPolicy
import InterlockPorts
package import InterlockTrust

/// Answers from the policy in force, the live state and what other parts know. It reads no record, so it costs the same
/// with any number of them. An agent that the policy does not have has no results, so it is not ready.
package struct ReadinessService: ReadinessReader {
    private let gateway: Gateway
    private let sources: ReadinessSources

    /// The age from which a cosignature does not prove that the log was verified (docs/specs/evidence.md, section 7).
    private static let verified: Int64 = 24 * 3_600

    package init(gateway: Gateway, sources: ReadinessSources) {
        self.gateway = gateway
        self.sources = sources
    }

    package func readiness(of agent: AgentName?, for stage: AutonomyStage?) async -> Readiness {
        let policy = gateway.policy.snapshot
        let now = gateway.clock.wall
        let shared = SharedSecrets(of: policy)
        var answers = ReadinessAnswers()
        if let agent {
            guard let entry = policy.agents[agent] else {
                return Readiness(agent: agent, stage: stage, results: [])
            }
            answers = ofAgent(entry, for: stage, under: policy, shared)
            answers[.controls] =
                entry.tier == .high
                ? sources.controls(agent) : .ok("asked for agents of tier high alone")
        } else {
            var found: [(agent: AgentName, answers: ReadinessAnswers)] = []
            for entry in policy.roster.all {
                let one = ofAgent(entry, for: stage, under: policy, shared)
                found.append((agent: entry.name, answers: one))
            }
            for check in ReadinessCheck.allCases where check.isOfAgents {
                answers[check] = ReadinessAnswers.joined(check, found)
            }
            answers[.controls] = sources.controls(nil)
        }
        let test = sources.selfTests.selfTestStatus()
        answers[.log] = log
        answers[.approvals] = ReadinessAnswer(
            test, passed: "a changed and a replayed approval were refused at", at: now)
        answers[.review] = ReadinessAnswer(
            sources.reviews.reviewStatus(of: agent), at: now)
        answers[.drill] = ReadinessAnswer(sources.drill())
        answers[.selfTest] = ReadinessAnswer(test, passed: "passed at", at: now)
        answers[.incidents] = await sources.incidents(agent)
        return Readiness(agent: agent, stage: stage, results: answers.results(for: agent))
    }

    private func ofAgent(
        _ entry: AgentEntry, for stage: AutonomyStage?, under policy: PolicySnapshot,
        _ shared: SharedSecrets
    ) -> ReadinessAnswers {
        let file = PolicyAnswers(policy: policy, agent: entry, shared: shared)
        var answers = ReadinessAnswers()
        answers[.scopes] = file.scopes(for: stage)
        answers[.purpose] = file.purpose
        answers[.credentials] = file.credentials
        answers[.owner] =
            entry.owner == nil ? .missing("the policy names no owner") : sources.owner(entry.name)
        answers[.eval] = sources.eval(entry.name)
        answers[.sandbox] =
            entry.sandbox == nil
            ? .ok("the policy demands none") : sources.sandbox(entry.name)
        answers[.status] = status(of: entry)
        return answers
    }

    /// A witness cosigns only after it has verified that the log still has all that it had before.
    private var log: ReadinessAnswer {
        if let code = gateway.ledger.status.refusing {
            return .missing("the log takes no permits: \(code)")
        }
        guard let quorum = gateway.ports.quorum, quorum.isConfigured || !quorum.lags.isEmpty else {
            return .missing("no witness is configured")
        }
        guard let age = quorum.cosignatureSeconds else {
            return .unknown("no witness has cosigned since the start")
        }
        guard age < Self.verified else {
            return .missing("the last cosignature is \(age / 3_600) h old, 24 h at most")
        }
        return .ok("cosigned \(age) s ago")
    }

    /// The answer to whether `interlock status` would print `unknown` for something that the gateway knows.
    private func status(of entry: AgentEntry) -> ReadinessAnswer {
        var unknown: [String] = []
        if entry.owner == nil { unknown.append("owner") }
        if entry.purpose?.isEmpty ?? true { unknown.append("purpose") }
        if let fault = gateway.index.status.fault { unknown.append("activity (\(fault))") }
        return unknown.isEmpty
            ? .ok("nothing is unknown")
            : .unknown("not known: " + unknown.joined(separator: ", "))
    }
}
