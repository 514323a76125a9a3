import InterlockJSON
import InterlockModel
import InterlockPolicy

/// Finds, for each tool of an agent, inputs whose verdict is more permissive or stricter than before.
struct VerdictComparison {
    let old: PolicySnapshot
    let new: PolicySnapshot
    let now: Timestamp
    let before: PolicyRegions
    let after: PolicyRegions

    /// - Parameter future: true to assume that every tool is granted to every agent.
    init(
        old: PolicySnapshot, new: PolicySnapshot, agents: Set<AgentName>, now: Timestamp,
        future: Bool = false
    ) {
        self.old = old
        self.new = new
        self.now = now
        before = PolicyRegions(old, agents: agents, future: future)
        after = PolicyRegions(new, agents: agents, future: future)
    }

    func differences(of agent: AgentName) -> [Difference] {
        let tools = Set(before.tools(of: agent)).union(after.tools(of: agent)).sorted()
        var result: [Difference] = []
        for tool in tools { result += differences(of: agent, tool) }
        return result
    }

    /// Compares at the stage of the files and, if either is trusted, also at supervised: an agent without a
    /// trust record is kept there, so a change at that stage must be reported too. An agent that either policy
    /// holds is also compared as if it were complete, because completing it is then all that is missing.
    func differences(of agent: AgentName, _ tool: ToolAddress) -> [Difference] {
        let entries = [old, new].compactMap { $0.agents[agent] }
        var views = [ComparedCase()]
        if entries.contains(where: { $0.stage == .trusted }) {
            views.append(ComparedCase(stage: .supervised))
        }
        if entries.contains(where: { !$0.incomplete.isEmpty }) {
            views += views.map { ComparedCase(stage: $0.stage, onceComplete: true) }
        }
        var result: [Difference] = []
        for view in views {
            let directions = Set(result.map(\.direction))
            result += differences(of: agent, tool, view).compactMap { difference in
                if directions.contains(difference.direction) { return nil }
                var difference = difference
                difference.stage = view.stage == .trusted ? nil : view.stage
                difference.onceComplete = view.onceComplete
                return difference
            }
        }
        return result
    }

    private func differences(
        of agent: AgentName, _ tool: ToolAddress, _ view: ComparedCase
    ) -> [Difference] {
        let sameSchema = old.lock?.inputSchema(of: tool) == new.lock?.inputSchema(of: tool)
        if sameSchema,
            before.signature(agent, tool, stage: view.stage, onceComplete: view.onceComplete)
                == after.signature(agent, tool, stage: view.stage, onceComplete: view.onceComplete)
        {
            return []
        }
        let domain = before.domain(of: tool, typed: sameSchema)
        let finder = SatisfyingInputFinder(
            old: old, new: new, agent: agent, tool: tool, view: view, assumedBefore: before.assumed,
            assumedAfter: after.assumed, domain: domain, now: now)
        do throws(AnalysisLimit) {
            let was = try before.verdicts(
                agent, tool, domain: domain, stage: old.agents[agent]?.stage(in: view))
            let isNow = try after.verdicts(
                agent, tool, domain: domain, stage: new.agents[agent]?.stage(in: view))
            var result: [Difference] = []
            var isOpen = false
            for verdict in isNow.verdicts {
                // The greatest change comes first; one witness for each new verdict and direction suffices.
                let stricter = was.verdicts.filter { $0 > verdict }.reversed().map { was[$0] }
                let easier = was.verdicts.filter { $0 < verdict }.map { was[$0] }
                for (former, direction) in [
                    (stricter, Difference.Direction.widens), (easier, .narrows),
                ] {
                    switch try first(of: former, in: isNow[verdict], direction, finder) {
                    case .none: continue
                    case .open: isOpen = true
                    case .difference(let difference): result.append(difference)
                    }
                }
            }
            return isOpen ? result + [notComparable(agent, tool)] : result
        } catch {
            return [notComparable(agent, tool)]
        }
    }

    private func first(
        of former: [Region], in region: Region, _ direction: Difference.Direction,
        _ finder: SatisfyingInputFinder
    ) throws(AnalysisLimit) -> SatisfyingInputFinder.Answer {
        var answer = SatisfyingInputFinder.Answer.none
        for other in former {
            switch finder.find(in: try region.intersection(other), direction) {
            case .none: continue
            case .open: answer = .open
            case .difference(let difference): return .difference(difference)
            }
        }
        return answer
    }

    /// A difference that contains both texts, so that a person can compare them.
    private func notComparable(_ agent: AgentName, _ tool: ToolAddress) -> Difference {
        var difference = Difference(
            direction: .notComparable, agent: agent.text, subject: tool.description, new: "",
            old: "")
        let was = texts(before.cell(agent, tool))
        let isNow = texts(after.cell(agent, tool))
        difference.notes =
            was.filter { !isNow.contains($0) }.map { "old: " + $0 }
            + isNow.filter { !was.contains($0) }.map { "new: " + $0 }
        return difference
    }

    private func texts(_ cell: Cell?) -> [String] {
        guard let cell else { return [] }
        let grants = cell.grants + cell.elevations.flatMap(\.grants)
        return grants.map { "grant " + ($0.when?.source ?? "always") }
            + cell.forbids.map { "forbid \($0.id.value) " + ($0.when?.source ?? "always") }
            + cell.effectRules.map { "effect \($0.id.value) " + ($0.when?.source ?? "always") }
    }
}

extension AgentEntry {
    fileprivate func stage(in view: ComparedCase) -> TrustStage {
        view.onceComplete ? stageOnceComplete(view.stage) : effectiveStage(view.stage)
    }
}
