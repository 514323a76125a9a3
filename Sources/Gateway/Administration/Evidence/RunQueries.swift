package import InterlockModel

/// Read access to runs for pages, with visibility applied. Each method has recorded the access before it returns.
package protocol RunQueries: Sendable {
    /// - Parameter before: `next` of the previous page, or nil for the first.
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

/// A person's query of runs; a nil field does not restrict it.
package struct RunQuery: Sendable, Hashable {
    package var agent: String?
    package var owner: Person?
    /// True to list only the runs that have not ended.
    package var isOpen = false

    package init() {}
}
