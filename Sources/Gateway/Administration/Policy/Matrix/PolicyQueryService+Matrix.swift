package import InterlockEvidence
import InterlockGovernor
package import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

extension PolicyQueryService {
    /// The number of agents that one job computes; other readers take turns between two jobs.
    private static let agentsOfOneJob = 64
    /// The number of agents that a page waits for.
    private static let mostAtOnce = 256

    package func matrix(
        _ filter: MatrixFilter, page: Int, columns: Int, for visibility: Visibility
    ) async throws(PolicyReadingRefusal) -> PolicyMatrix {
        let policy = snapshot
        let now = gateway.clock.wall
        let servers = Self.servers(of: policy, filter)
        let agents =
            filter.needsReach
            ? try await selected(filter, servers, for: visibility, under: policy, at: now)
            : Self.agents(of: policy, filter, for: visibility)
        let rowPart = PolicyMatrix.Part(
            page: page, count: agents.count, size: PolicyMatrix.mostRows)
        let columnPart = PolicyMatrix.Part(
            page: columns, count: servers.count, size: PolicyMatrix.mostColumns)
        let shown = agents.dropFirst((rowPart.page - 1) * PolicyMatrix.mostRows)
            .prefix(PolicyMatrix.mostRows)
        let across = servers.dropFirst((columnPart.page - 1) * PolicyMatrix.mostColumns)
            .prefix(PolicyMatrix.mostColumns)
        let reaches = try await reaches(of: Array(shown), under: policy, at: now)
        return PolicyMatrix(
            policy: policy.digest, servers: across.map(\.server),
            rows: shown.compactMap { name in
                reaches[name].map { reach in
                    PolicyMatrix.Row(
                        agent: name, isHeld: reach.terms.stage == .observe,
                        cells: across.map { MatrixCell(reach, $0, filter.effect) })
                }
            }, rowPart: rowPart, columnPart: columnPart)
    }

    /// The servers as columns, by name.
    private static func servers(
        of policy: PolicySnapshot, _ filter: MatrixFilter
    ) -> [MatrixColumn] {
        policy.servers.keys.filter { filter.server?.isIn($0.text) ?? true }.sorted().map {
            MatrixColumn(server: $0, tools: policy.table.numbers(of: $0.text) ?? 0..<0)
        }
    }

    /// The visible agents that the policy alone does not exclude, by name.
    private static func agents(
        of policy: PolicySnapshot, _ filter: MatrixFilter, for visibility: Visibility
    ) -> [AgentName] {
        policy.roster.all.filter { visibility.sees($0.name) && filter.mayPass($0) }.map(\.name)
    }

    /// The visible agents that the filter shows by what they reach.
    ///
    /// - Throws: `busy` while the reach of many agents is being computed.
    private func selected(
        _ filter: MatrixFilter, _ servers: [MatrixColumn], for visibility: Visibility,
        under policy: PolicySnapshot, at now: Timestamp
    ) async throws(PolicyReadingRefusal) -> [AgentName] {
        if visibility.seesAll, let kept = reaches.selection(filter, under: policy, at: now) {
            return kept
        }
        let agents = Self.agents(of: policy, filter, for: visibility)
        let reaches = try await reaches(of: agents, under: policy, at: now)
        let selected = agents.filter { name in
            reaches[name].map { filter.passes($0, servers) } ?? false
        }
        if visibility.seesAll {
            self.reaches.keep(selected, of: filter, under: policy, at: now)
        }
        return selected
    }

    /// Returns the reach of these agents. If many depend on the time, that of an earlier minute is returned while they
    /// are computed anew.
    ///
    /// - Throws: `busy` if more agents are missing than a page waits for; they are computed meanwhile.
    private func reaches(
        of agents: [AgentName], under policy: PolicySnapshot, at now: Timestamp
    ) async throws(PolicyReadingRefusal) -> [AgentName: AgentReach] {
        let facts = facts(of: agents, under: policy)
        let known = reaches.known(facts, under: policy, at: now)
        let all = known.missing.merging(known.stale) { $1 }
        let isAll = all.count <= Self.mostAtOnce
        if !isAll { fill(all, under: policy) }
        guard isAll || known.missing.count <= Self.mostAtOnce else { throw .busy }
        let wanted = isAll ? all : known.missing
        guard !wanted.isEmpty else { return known.found }
        let made = try await asideOfCaller { [reaches] in
            reaches.compute(wanted, under: policy, at: now)
        }
        return known.found.merging(made) { $1 }
    }

    private func facts(
        of agents: [AgentName], under policy: PolicySnapshot
    ) -> [AgentName: ReachMaker.Facts] {
        let granted = gateway.elevations.compiled(under: policy)?.elevations ?? []
        let elevations = Dictionary(grouping: granted, by: \.agent)
        return Dictionary(
            uniqueKeysWithValues: agents.map { name in
                let facts = ReachMaker.Facts(
                    trust: gateway.trust(of: name), elevations: elevations[name] ?? [])
                return (name, facts)
            })
    }

    /// Computes the reach of these agents in several jobs, unless they are being computed already.
    private func fill(_ agents: [AgentName: ReachMaker.Facts], under policy: PolicySnapshot) {
        guard reaches.beginFilling(of: policy) else { return }
        fill(Array(agents)[...], under: policy)
    }

    private func fill(
        _ rest: ArraySlice<(key: AgentName, value: ReachMaker.Facts)>, under policy: PolicySnapshot
    ) {
        guard !rest.isEmpty, policy === snapshot else { return reaches.endFilling(of: policy) }
        let isTaken = aside { [self] in
            let part = rest.prefix(Self.agentsOfOneJob)
            reaches.compute(
                Dictionary(uniqueKeysWithValues: part.map { ($0.key, $0.value) }), under: policy,
                at: gateway.clock.wall)
            fill(rest.dropFirst(Self.agentsOfOneJob), under: policy)
        }
        if !isTaken { reaches.endFilling(of: policy) }
    }

    package func cell(
        of agent: AgentName, at server: ServerName, for visibility: Visibility
    ) async throws(PolicyReadingRefusal) -> MatrixDetail {
        let policy = snapshot
        guard visibility.sees(agent), let entry = policy.agents[agent],
            let numbers = policy.table.numbers(of: server.text)
        else { throw .missing }
        let now = gateway.clock.wall
        let all = facts(of: [agent], under: policy)
        guard let facts = all[agent] else { throw .missing }
        let (reach, worst) = try await asideOfCaller { [reaches] in
            (
                reaches.compute(all, under: policy, at: now)[agent],
                WorstCase(policy, of: agent, facts.trust, store: facts.elevations, at: now)
            )
        }
        guard let reach, let worst else { throw .missing }
        let rows = Dictionary(
            uniqueKeysWithValues: (worst.rows + worst.denied).map { ($0.tool, $0) })
        return MatrixDetail(
            agent: PolicyAgent(entry, facts.trust), server: server,
            held: reach.terms.stage == .observe
                ? (reach.terms.held.isEmpty
                    ? [reach.terms.observeReason.rawValue] : reach.terms.held)
                : [],
            tools: reach.tools.filter { numbers.contains($0.number) }.map { number, tool in
                MatrixDetail.Tool(
                    policy.table.rows[number], tool, rows[policy.table.rows[number].address])
            })
    }
}

extension MatrixDetail.Tool {
    /// - Parameter row: the analysis of the tool, or nil for an agent at stage observe, whose calls are all denied.
    fileprivate init(_ tool: ToolTable.Row, _ reach: ToolReach, _ row: WorstCase.Row?) {
        self.init(
            address: tool.address, toolClass: tool.spec.toolClass,
            effects: row?.effects ?? tool.spec.effects.effects,
            sentence: row?.outcome.sentence ?? reach.sentence,
            lines: row?.outcome.lines.map { line in
                MatrixDetail.Line(words: line.words, rule: line.rule, place: line.place)
            } ?? [])
    }
}
