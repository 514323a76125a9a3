package import InterlockModel

/// Runs for pages, for whoever may see them. Each method has put on record that somebody looks before it returns.
package protocol RunQueries: Sendable {
    /// - Parameter before: `next` of the page before.
    func runs(
        _ query: RunQuery, before: String?, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RunListing

    func story(
        of run: RunID, from: Int, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RunDetail

    func replay(
        _ run: RunID, _ level: ReplayLevel, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> ReplayReport

    func bundle(
        of run: RunID, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> EvidenceFileBody
}

/// Which runs a person asks for.
package struct RunQuery: Sendable, Hashable {
    package var agent: String?
    package var owner: Person?
    /// Only those that have not ended.
    package var isOpen = false

    package init() {}
}
