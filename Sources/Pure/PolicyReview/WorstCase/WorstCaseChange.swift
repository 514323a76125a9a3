package import InterlockModel
package import InterlockPolicy

/// The worst that one agent can do under two policies, where it differs.
package struct WorstCaseChange: Sendable, Hashable {
    /// One part of the worst case that differs, in words.
    package struct Line: Sendable, Hashable {
        /// A tool, or the name of the part.
        package let subject: String
        package let before: String
        package let after: String

        package init(subject: String, before: String, after: String) {
            self.subject = subject
            self.before = before
            self.after = after
        }
    }

    package let agent: AgentName
    /// The parts of the whole agent first, then its tools, gravest first by the new policy.
    package let lines: [Line]

    package init(agent: AgentName, lines: [Line]) {
        self.agent = agent
        self.lines = lines
    }

    /// - Parameter trust: the origin of the agent's trust, under both policies.
    /// - Returns: nil if the worst case is the same under both.
    package init?(
        of agent: AgentName, from old: PolicySnapshot, to new: PolicySnapshot,
        _ trust: AgentTerms.Trust, at now: Timestamp
    ) {
        let before = WorstCase(old, of: agent, trust, at: now)
        let after = WorstCase(new, of: agent, trust, at: now)
        var lines = zip(Self.facts(before), Self.facts(after)).compactMap { was, isNow in
            was.words == isNow.words
                ? nil : Line(subject: was.name, before: was.words, after: isNow.words)
        }
        let (was, isNow) = (Self.tools(before), Self.tools(after))
        var seen: Set<ToolAddress> = []
        for tool in isNow.tools + was.tools where seen.insert(tool).inserted {
            let (former, latter) = (was.words[tool] ?? Self.none, isNow.words[tool] ?? Self.none)
            guard former != latter else { continue }
            lines.append(Line(subject: tool.description, before: former, after: latter))
        }
        guard !lines.isEmpty else { return nil }
        self.init(agent: agent, lines: lines)
    }

    private static let none = "No call can be allowed"

    private static func facts(_ reach: WorstCase?) -> [(name: String, words: String)] {
        let rows = reach?.rows ?? []
        let gravest = Effect.gravestFirst.first { effect in
            rows.contains { $0.effects.contains(effect) }
        }
        let spend = reach?.daily.spend.map {
            "\($0.shown ?? "\($0.most)") of \($0.field) by \($0.tool)"
        }
        let facts: [(name: String, words: String)] = [
            ("Tools that it reaches", reach.map { "\($0.rows.count) of \($0.toolCount)" } ?? "0"),
            ("Most severe effect", gravest?.words ?? "none"),
            ("Tier by what it reaches", reach?.computedTier.rawValue ?? "none"),
            (
                "Calls in a day",
                reach.map { $0.daily.calls.map { "at most \($0)" } ?? "any number" } ?? "none"
            ),
            (
                "Most that a day spends",
                spend.map { $0.isEmpty ? "nothing counted" : $0.list } ?? "-"
            ),
            (
                "Data may flow",
                reach.map { $0.flows.isEmpty ? "nowhere" : $0.flows.list } ?? "nowhere"
            ),
            ("Lethal trifecta", reach?.trifecta?.words ?? "no"),
        ]
        return facts + sandbox(reach?.sandbox)
    }

    private static func sandbox(_ reach: SandboxReach?) -> [(name: String, words: String)] {
        [
            ("Hosts that its sandbox reaches", reach?.hosts.list ?? "nothing"),
            ("Models that its sandbox reaches", reach?.models.list ?? "nothing"),
            ("What its sandbox reads", reach?.reads.list ?? "nothing"),
            ("What its sandbox writes", reach?.writes.list ?? "nothing"),
            ("Secrets in its sandbox", reach?.secrets.list ?? "nothing"),
            ("Variables that its caller passes", reach?.passed.list ?? "nothing"),
            ("Waived secrets in its workspace", reach?.waived.list ?? "nothing"),
            ("Isolation of its sandbox", reach?.isolation ?? "none"),
            ("Limits of its sandbox", reach?.limits ?? "none"),
        ]
    }

    private static func tools(
        _ reach: WorstCase?
    ) -> (tools: [ToolAddress], words: [ToolAddress: String]) {
        let list = (reach?.rows ?? []).map { row in
            let effects = row.effectWords.isEmpty ? "" : "; " + row.effectWords.list
            let limits = row.limits.isEmpty ? "" : "; limits " + row.limits.list
            return (row.tool, row.outcome.sentence + effects + limits)
        }
        return (list.map(\.0), Dictionary(list) { first, _ in first })
    }
}

/// The worst that the agents of a policy's changes can do under it and under another, where it differs.
package struct WorstCaseComparison: Sendable, Hashable {
    package let changes: [WorstCaseChange]
    /// The number of agents beyond `most`, whose worst case was not computed.
    package let unread: Int

    package static let most = 100

    package init(changes: [WorstCaseChange], unread: Int) {
        self.changes = changes
        self.unread = unread
    }

    package init(
        of comparison: PolicyComparison, from old: PolicySnapshot, to new: PolicySnapshot,
        at now: Timestamp, trust: (AgentName) -> AgentTerms.Trust
    ) {
        let agents = Set(comparison.differences.compactMap(\.agent))
            .compactMap { AgentName($0) }.sorted()
        let first = agents.prefix(Self.most)
        changes = first.compactMap {
            WorstCaseChange(of: $0, from: old, to: new, trust($0), at: now)
        }
        unread = agents.count - first.count
    }
}
