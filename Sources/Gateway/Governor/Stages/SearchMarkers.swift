import InterlockModel

extension CallPipeline {
    /// Searches an answer for markers of injections, without the secrets that were replaced in it: the text that its
    /// agent gets. The outcome with the level of the run is durable before the agent gets it. Makes nothing durable.
    ///
    /// - Returns: the findings of both searches; nil if nothing was searched.
    func searchMarkers(
        in searched: SearchedAnswer, of executed: ExecutedCall
    ) async -> ResultSearchSummary? {
        // An answer that could not be searched for secrets is withheld, so it has no text of its server.
        guard let found = searched.found, let markers = executed.markers else {
            return searched.found
        }
        return found.adding(await markers.note(ResultTexts(searched.answer.shown.document)))
    }
}
