import InterlockEvals
package import InterlockEvidence
import InterlockGovernor
package import InterlockModel
import InterlockPolicy

/// The change gate at one moment, for what pages and the API show of agents.
struct GateReading {
    let now: Timestamp
    private let state: GateState
    private let view: GateView
    private let keys: GateKeys
    private let hashing: any Hashing
    private let stage: (AgentName, PolicySnapshot) -> TrustStage

    /// - Parameters:
    ///   - policy: the one in force; the view of another is read while the gate does not know it.
    ///   - stage: returns the effective stage of an agent under a policy.
    init(
        _ registry: ChangeGateRegistry, under policy: PolicySnapshot, at now: Timestamp,
        stage: @escaping (AgentName, PolicySnapshot) -> TrustStage
    ) {
        self.now = now
        self.stage = stage
        state = registry.current
        view = state.views.first { $0.policy.digest == policy.digest } ?? state.views[0]
        keys = registry.keys(of: view.policy, at: now)
        hashing = registry.hashing
    }

    /// The agents of the policy that are visible, in no order.
    func agents(for visibility: Visibility) -> [AgentName] {
        view.policy.agents.keys.filter { visibility.sees($0) }
    }

    /// The time from which agents without a result are refused; nil if they are now.
    var refusesMissingFrom: Timestamp? {
        state.period.isOpen(at: now) ? state.period.end : nil
    }

    /// Returns nil if the policy does not have the agent.
    func outlook(of agent: AgentName) -> GateOutlook? {
        view.status(of: agent, at: now).map {
            GateOutlook($0, at: stage(agent, view.policy), state.period, now: now)
        }
    }

    /// Returns nil if the policy does not have the agent.
    func summary(of agent: AgentName) -> AgentEvalSummary? {
        guard let entry = view.policy.agents[agent], let status = view.status(of: agent, at: now)
        else { return nil }
        return AgentEvalSummary(
            agent: agent, owner: entry.owner, tier: entry.tier, fact: status.fact,
            outlook: GateOutlook(status, at: stage(agent, view.policy), state.period, now: now),
            isExcepted: view.exceptionEnd(of: agent, at: now) != nil,
            latest: view.gate.latest(of: agent, tier: entry.tier).map {
                summary(of: $0, at: entry.tier)
            },
            next: status.next)
    }

    /// Returns nil if the policy does not have the agent, or the agent is not visible.
    func detail(of agent: AgentName, for visibility: Visibility) -> AgentEvalDetail? {
        guard visibility.sees(agent), let entry = view.policy.agents[agent],
            let line = summary(of: agent)
        else { return nil }
        let pair = pair(of: agent)
        let results = results(of: agent, entry)
        return AgentEvalDetail(
            line: line, fingerprint: pair?.digest,
            parts: parts(of: agent, for: visibility),
            carriedUntil: carriedEnd(of: pair, agent, entry.tier),
            exception: line.isExcepted ? state.inputs.exceptions[agent]?.exception : nil,
            results: Array(results.prefix(AgentEvalDetail.mostResults)),
            resultCount: results.count, servers: Set(entry.scopedServers).sorted())
    }

    private func carriedEnd(of pair: GateView.Pair?, _ agent: AgentName, _ tier: Tier)
        -> Timestamp?
    {
        guard let pair, let carried = pair.carried(at: now),
            view.gate.entry(of: agent, fingerprint: pair.digest, tier: tier) == nil
        else { return nil }
        return carried.until
    }

    private func pair(of agent: AgentName) -> GateView.Pair? {
        guard let tier = view.policy.agents[agent]?.tier else { return nil }
        return view.pair(of: view.run(of: agent, tier), at: now)?.pair
    }

    private func summary(of entry: EvalGate.Entry, at tier: Tier) -> EvalResultSummary {
        let current = pair(of: entry.result.agent)?.parts
        return EvalResultSummary(
            result: entry.result, fact: entry.fact(proof: .measured, tier: tier, at: now),
            expires: entry.expiry(at: tier),
            differences: current?.differences(from: entry.result.parts) ?? [])
    }

    private func results(of agent: AgentName, _ entry: AgentEntry) -> [EvalResultSummary] {
        (state.inputs.results[agent] ?? [])
            .sorted {
                ($0.result.ended, $0.result.fingerprint.hex)
                    > ($1.result.ended, $1.result.fingerprint.hex)
            }
            .map { known in
                let judged = EvalGate.Entry(
                    result: known.result, signers: known.signers(among: keys.signers),
                    owners: entry.owners)
                return summary(of: judged, at: entry.tier)
            }
    }

    private func parts(
        of agent: AgentName, for visibility: Visibility
    ) -> [FingerprintPartStatus] {
        func latest(_ agent: AgentName) -> AgentFingerprint? {
            view.policy.agents[agent].flatMap {
                view.gate.latest(of: agent, tier: $0.tier)?.result.parts
            }
        }
        let own = latest(agent)
        let computed =
            view.parts[agent] ?? ComputedParts(of: agent, under: view.policy, hashing: hashing)
        // The canonical form of an empty list.
        let nothing = hashing.sha256(Array("[]".utf8))
        let others = state.inputs.results.keys.filter { $0 != agent && visibility.sees($0) }
            .sorted()
            .compactMap(latest)
        return FingerprintPart.allCases.map { part in
            let (digest, isComputed): (Digest?, Bool) =
                switch part {
                case .policy: (computed?.policy, true)
                case .tools: (computed?.tools, true)
                case .model, .prompt, .skills: (own?[part], false)
                }
            let isNothing = !isComputed && digest == nothing
            let sharing: [AgentName] =
                isComputed || isNothing || digest == nil
                ? [] : others.filter { $0[part] == digest }.map(\.agent)
            return FingerprintPartStatus(
                part: part, digest: digest, isComputed: isComputed,
                isChanged: own.map { $0[part] != digest }, isNothing: isNothing,
                sharing: Array(sharing.prefix(AgentEvalDetail.mostSharing)),
                sharingCount: sharing.count)
        }
    }
}

extension ChangeGateService: EvalQueries {
    private var reading: GateReading {
        let gateway = gateway
        return GateReading(registry, under: gateway.policy.snapshot, at: gatewayTime) {
            gateway.stage(of: $0, in: $1)
        }
    }

    package func agents(
        in state: GateOutlook.State?, page: Int, for visibility: Visibility
    ) -> AgentEvalListing {
        let reading = reading
        let ranks = reading.agents(for: visibility).compactMap { agent in
            reading.outlook(of: agent).map { AgentRank(agent: agent, outlook: $0) }
        }
        var counts: [GateOutlook.State: Int] = [:]
        for rank in ranks { counts[rank.outlook.state, default: 0] += 1 }
        let found = ranks.filter { state == nil || $0.outlook.state == state }.sorted()
        let size = AgentEvalListing.pageSize
        let pages = max(1, (found.count + size - 1) / size)
        let page = min(max(1, page), pages)
        return AgentEvalListing(
            lines: found.dropFirst((page - 1) * size).prefix(size)
                .compactMap { reading.summary(of: $0.agent) },
            page: page, pages: pages, count: found.count, counts: counts,
            refusesMissingFrom: reading.refusesMissingFrom)
    }

    package func evals(of agent: AgentName, for visibility: Visibility) -> AgentEvalDetail? {
        reading.detail(of: agent, for: visibility)
    }

    package func warnings(about agents: [AgentName]) -> [AgentName: GateOutlook] {
        let reading = reading
        var warnings: [AgentName: GateOutlook] = [:]
        for agent in agents {
            if let outlook = reading.outlook(of: agent), outlook.isWarning {
                warnings[agent] = outlook
            }
        }
        return warnings
    }
}

/// The place of an agent in a list: refused ones first, then those that will be refused the soonest.
private struct AgentRank: Comparable {
    let agent: AgentName
    let outlook: GateOutlook

    private var order: Int {
        switch outlook.state {
        case .refused: 0
        case .ending: 1
        case .served: 2
        case .observed: 3
        }
    }

    static func < (a: AgentRank, b: AgentRank) -> Bool {
        (a.order, a.outlook.until ?? Timestamp(microseconds: 0), a.agent)
            < (b.order, b.outlook.until ?? Timestamp(microseconds: 0), b.agent)
    }
}
