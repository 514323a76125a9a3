import InterlockModel
import InterlockPolicy

/// The maximum use that the limits allow in a day, at the agent's share of them.
package struct DailyUse: Sendable {
    /// The number of calls, or nil if it is unlimited.
    package let calls: Int64?
    /// The reachable tools with a limit of their own.
    package let tools: [(tool: String, calls: Int64)]
    package let spend: [Spend]

    package struct Spend: Sendable {
        /// The argument, such as `args.amount_cents`.
        package let field: String
        package let tool: String
        package let most: Int64
        /// True if no guard fixes the unit in which the argument counts.
        package let isMixed: Bool
        /// The maximum in the declared unit, or nil if none is declared or its currency is not fixed.
        package let shown: String?
    }

    init(
        _ policy: PolicySnapshot, of agent: AgentSpec, _ terms: AgentTerms,
        tools reachable: Set<ToolAddress>, _ reach: Reach
    ) {
        func perDay(_ rate: Rate) -> Int64 {
            Rate(count: terms.most(rate.count), windowSeconds: rate.windowSeconds).perDay
        }

        let rate = agent.calls?.value ?? policy.document.tiers[agent.effectiveTier]?.calls
        calls = rate.map(perDay)
        var tools: [(tool: String, calls: Int64)] = []
        var spend: [Spend] = []
        for limit in agent.limits {
            switch limit.subject {
            case .calls: continue
            case .tool(let name):
                guard reachable.contains(where: { $0.description == name }) else { continue }
                tools.append((name, perDay(limit.rate)))
            case .spend(let name, let field):
                guard case .tool(let tool) = policy.document.resolver.resolve(name, for: agent),
                    reachable.contains(tool)
                else { continue }
                let most = perDay(limit.rate)
                spend.append(
                    Spend(
                        field: field, tool: tool.description, most: most,
                        isMixed: !reach.fixesUnit(of: tool),
                        shown: ArgumentPath(field).flatMap {
                            reach.text(ofSum: most, of: $0, in: tool)
                        }))
            }
        }
        self.tools = tools.sorted { $0.tool < $1.tool }
        self.spend = spend.sorted { ($0.tool, $0.field) < ($1.tool, $1.field) }
    }

    /// A summary such as `86400 calls, 10 repo.open_draft_pr; spend none`.
    var text: String {
        let counts =
            [calls.map { "\($0) calls" } ?? "any number of calls"]
            + tools.map { "\($0.calls) \($0.tool)" }
        let sums = spend.map {
            "\($0.most) \($0.field) of \($0.tool)" + ($0.isMixed ? " in mixed units" : "")
                + ($0.shown.map { " (\($0))" } ?? "")
        }
        return counts.joined(separator: ", ") + "; spend "
            + (sums.isEmpty ? "none" : sums.joined(separator: ", "))
    }
}

extension Rate {
    /// The maximum in a day. The product cannot overflow, because counts are at most 10^12 and a day has at
    /// most 86,400 windows.
    var perDay: Int64 { count * (86_400 / windowSeconds) }
}
