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

    /// The most results of one run at a time: one run must not make the results of others late.
    package static let mostOfRun = 4

    private let inspector: any ResultInspector
    private let limit: Duration
    private let places = ShareLimiter<RunID>(most: Self.mostOfRun)

    /// - Parameter limit: less than `Self.limit` for tests alone.
    package init(_ inspector: any ResultInspector, limit: Duration = Self.limit) {
        (self.inspector, self.limit) = (inspector, limit)
    }

    func inspect(_ texts: ResultTexts, of run: RunID) async -> ResultInspection {
        guard texts.bytes > 0 else { return .clean }
        guard texts.bytes <= Self.limitBytes else { return .failed(.tooLarge) }
        guard places.take(run) else { return .failed(.busy) }
        defer { places.give(run) }
        return await inspector.inspect(texts.texts, within: limit)
    }
}
