import InterlockGovernor
import InterlockHooks
import InterlockLimits
import InterlockModel
package import InterlockPorts

/// The inspection of what tools returned, bounded in size and time: a result without an answer counts as one with a
/// finding.
package struct ResultInspections: Sendable {
    /// The most bytes of the texts of one result.
    package static let limitBytes = 4 << 20
    /// The longest time for one result, the wait for others included. Hosts give their hooks ten seconds and more.
    package static let limit = Duration.seconds(5)

    /// The most results of one agent that are searched or wait, those of all its runs. A further one is `busy`.
    package static let mostOfAgent = 4

    private let inspector: any ResultInspector
    private let limit: Duration
    private let shares = ShareLimiter<AgentName>(most: Self.mostOfAgent)

    /// - Parameter limit: less than `Self.limit` for tests alone.
    package init(_ inspector: any ResultInspector, limit: Duration = Self.limit) {
        (self.inspector, self.limit) = (inspector, limit)
    }

    func inspect(_ texts: ResultTexts, of agent: AgentName) async -> ResultInspection {
        guard texts.bytes > 0 else { return .clean }
        guard texts.bytes <= Self.limitBytes else { return .failed(.tooLarge) }
        return await inspector.inspect(texts.texts, within: limit, of: agent, in: shares)
    }
}
