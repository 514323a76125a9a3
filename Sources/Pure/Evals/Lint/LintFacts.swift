package import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// The facts that lint needs besides the suite.
package struct LintFacts: Sendable {
    /// A tool, resource or prompt that the agent can reach at the highest stage.
    package struct Tool: Sendable, Hashable {
        package let address: ToolAddress
        /// True if a call can do more than read inside the organisation.
        package let isConsequential: Bool
        /// The reviewed input schema, or nil if the lock has none.
        package let schema: JSONObject?
        package let toolClass: ToolClass?
        package let effects: EffectSet

        package init(
            _ address: ToolAddress, isConsequential: Bool, schema: JSONObject? = nil,
            toolClass: ToolClass? = nil, effects: EffectSet = []
        ) {
            self.address = address
            self.isConsequential = isConsequential
            self.schema = schema
            self.toolClass = toolClass
            self.effects = effects
        }
    }

    /// The changes of the policy that were tried, and those that the suite noticed.
    package struct PolicyMutants: Sendable, Hashable {
        package let killed: Int
        package let judged: Int
        /// The forbid rules of which a changed form passed the suite.
        package let survivingForbids: [String]
        /// The other changes with which the suite passed.
        package let survivors: [String]

        package init(
            killed: Int, judged: Int, survivingForbids: [String], survivors: [String] = []
        ) {
            self.killed = killed
            self.judged = judged
            self.survivingForbids = survivingForbids
            self.survivors = survivors
        }

        /// `12 of 15 changes noticed`.
        package var score: String { "\(killed) of \(judged) changes noticed" }

        /// True if fewer than 80 % were noticed, or a change of a forbid rule was not.
        package var isWeak: Bool { killed * 5 < judged * 4 || !survivingForbids.isEmpty }
    }

    package let tier: Tier
    package let now: Timestamp
    package let tools: [Tool]
    /// The last incident or denial of the last 90 days that was blamed on the agent, or nil if there is none.
    package let lastBlame: Timestamp?
    /// Is nil if no mutants of the policy were run: nothing is said of them.
    package let mutants: PolicyMutants?
    /// The ids of the policy's forbid rules, which `because` may name; nil if they are not known.
    package let forbids: [String]?
    /// Returns true for a tool of the policy or the lock, other than those of hosts, which no trial has; nil if they are
    /// not known.
    package let isTool: (@Sendable (ToolAddress) -> Bool)?

    package init(
        tier: Tier, now: Timestamp, tools: [Tool], lastBlame: Timestamp? = nil,
        mutants: PolicyMutants? = nil, forbids: [String]? = nil,
        isTool: (@Sendable (ToolAddress) -> Bool)? = nil
    ) {
        self.tier = tier
        self.now = now
        self.tools = tools
        self.lastBlame = lastBlame
        self.mutants = mutants
        self.forbids = forbids
        self.isTool = isTool
    }

    /// The facts that a policy states about an agent, or nil if it does not contain the agent.
    package init?(
        of agent: AgentName, in policy: PolicySnapshot, at now: Timestamp,
        lastBlame: Timestamp? = nil, mutants: PolicyMutants? = nil
    ) {
        guard let entry = policy.agents[agent] else { return nil }
        // The cells of all stages: a suite is written for what the agent may become.
        let addresses = Set(
            TrustStage.allCases.flatMap { policy.visibleTools(for: agent, stage: $0, at: now) })
        let tools = addresses.sorted().map { address -> Tool in
            guard let number = policy.table.number(of: address) else {
                return Tool(address, isConsequential: true)
            }
            let spec = policy.table.rows[number].spec
            let reach = CallReach(
                spec.effects, spec.toolClass, isOfHost: address.server == HostServer.name,
                sends: spec.flow.sends)
            return Tool(
                address, isConsequential: reach > .reads,
                schema: policy.lock?.inputSchema(of: address), toolClass: spec.toolClass,
                effects: spec.effects)
        }
        self.init(
            tier: entry.tier, now: now, tools: tools, lastBlame: lastBlame, mutants: mutants,
            forbids: policy.document.forbids.map(\.id.value),
            isTool: { address in
                address.server != HostServer.name
                    && (policy.table.number(of: address) != nil
                        || policy.lock?.pin(of: address) != nil)
            })
    }
}

/// A policy that decides every call alike.
package enum UniformPolicy: String, Sendable, Hashable, CaseIterable {
    case allowAll = "allow-all"
    case denyAll = "deny-all"

    package var verdict: Verdict {
        switch self {
        case .allowAll: .allow
        case .denyAll: .deny
        }
    }

    /// Returns true if the suite has policy cases, and the verdict is what each of them expects. It is the answer of a
    /// caller that runs no agent.
    package func passes(_ suite: Suite) -> Bool {
        var hasPolicyCase = false
        for one in suite.counted {
            guard case .policy(let policy) = one.body else { continue }
            hasPolicyCase = true
            if policy.test.expect != verdict { return false }
        }
        return hasPolicyCase
    }
}

/// The runs that lint asks its caller for.
package struct LintProbes {
    /// Returns true if the suite passes under the policy.
    package let passes: (UniformPolicy) -> Bool
    /// Returns true if the case fails on the policy with the digest, or nil if that cannot be found out.
    package let fails: (EvalCase, Digest) -> Bool?

    package init(
        passes: @escaping (UniformPolicy) -> Bool,
        fails: @escaping (EvalCase, Digest) -> Bool? = { _, _ in nil }
    ) {
        self.passes = passes
        self.fails = fails
    }
}
