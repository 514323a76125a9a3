import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockTrust

/// The answers that follow from the policy alone.
struct PolicyAnswers {
    let policy: PolicySnapshot
    let agent: AgentEntry
    let shared: SharedSecrets

    /// - Parameter stage: nil for the stage that the agent has.
    func scopes(for stage: AutonomyStage?) -> ReadinessAnswer {
        if policy.lockProblem != nil {
            return .missing("the lock of the policy is not valid, so no server is offered")
        }
        guard agent.incomplete.isEmpty else {
            return .missing(
                "held at observe: " + agent.incomplete.prefix(5).joined(separator: ", "))
        }
        guard let ceiling = AutonomyStage(ceilingOf: agent.stage) else {
            return .missing("the policy file holds it at observe")
        }
        if let stage, stage > ceiling {
            return .missing("the policy file permits no stage above \(ceiling.name)")
        }
        // A tool of a server that the policy does not describe has no class.
        let bare = agent.scopedServers.filter { policy.servers[$0] == nil && $0 != HostServer.name }
        guard bare.isEmpty else {
            return .missing(
                "tools without a class: those of "
                    + bare.prefix(5).map(\.text).joined(separator: ", "))
        }
        let count = agent.scopedServers.count
        return .ok("compiled; \(count) \(count == 1 ? "server" : "servers"), each tool has a class")
    }

    var purpose: ReadinessAnswer {
        guard let purpose = agent.purpose, !purpose.isEmpty else {
            return .missing("the policy states no purpose")
        }
        return .ok("stated")
    }

    /// Each server of the agent that takes credentials has one of this agent, which no other agent uses.
    var credentials: ReadinessAnswer {
        for name in Set(agent.scopedServers).sorted() {
            guard let server = policy.servers[name], !server.credentials.isEmpty else { continue }
            guard server.credentials[agent.name] != nil else {
                return .missing("server \(name.text) has credentials, but none of this agent")
            }
        }
        var own: Set<ExactText> = []
        for server in policy.servers.values {
            if let credential = server.credentials[agent.name] {
                own.insert(ExactText(credential.secret))
            }
        }
        guard own.isDisjoint(with: shared.names) else {
            return .missing("another agent uses the same secret")
        }
        return .ok(own.isEmpty ? "its servers take none" : "\(own.count) of its own")
    }
}

/// The names of the secrets that more than one agent uses, read once for all agents of a policy.
struct SharedSecrets {
    let names: Set<ExactText>

    init(of policy: PolicySnapshot) {
        var holders: [ExactText: AgentName] = [:]
        var names: Set<ExactText> = []
        for server in policy.servers.values {
            for (holder, credential) in server.credentials {
                let name = ExactText(credential.secret)
                if let other = holders[name], other != holder { names.insert(name) }
                holders[name] = holder
            }
        }
        self.names = names
    }
}
