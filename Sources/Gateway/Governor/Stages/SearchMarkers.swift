import InterlockModel
import InterlockPorts
import InterlockSafety

extension CallPipeline {
    /// Searches an answer for markers of injections, without the secrets that were replaced in it: the text that its
    /// agent gets. The outcome with the level of the run is durable before the agent gets it. Makes nothing durable.
    ///
    /// - Returns: the findings of both searches; nil if nothing was searched.
    func searchMarkers(
        in searched: SearchedAnswer, of executed: ExecutedCall
    ) async -> ResultSearchSummary? {
        if let host = executed.call.host { return await searchMarkers(reportedBy: host, executed) }
        // An answer that could not be searched for secrets is withheld, so it has no text of its server.
        guard let found = searched.found, let markers = executed.markers else {
            executed.markers?.endWait()
            return searched.found
        }
        if markers.isDeferred, searched.answer.state == .ok,
            case .result(let shown) = searched.answer.shown,
            !FreeTextCheck.isFree(result: shown, under: executed.resolved.outputSchema)
        {
            gateway.runs.tainted.settle(valuesOf: executed.call.id, in: executed.call.principal.run)
            return found
        }
        return found.adding(await markers.note(ResultTexts(searched.answer.shown.document)))
    }

    /// Searches what a coding agent's hook reports of the result that its model reads. The run is hostile if the call may
    /// have ended without that report.
    private func searchMarkers(
        reportedBy host: HostCall, _ executed: ExecutedCall
    ) async -> ResultSearchSummary? {
        guard let markers = executed.markers else { return nil }
        let (tainted, call) = (gateway.runs.tainted, executed.call)
        if case .failed(.notExecuted, _) = executed.answer {
            tainted.settle(call.id, in: call.principal.run, as: .clean)
            return nil
        }
        guard let texts = host.reported else {
            tainted.settle(call.id, in: call.principal.run, as: .hostile)
            return nil
        }
        let report = await markers.note(texts)
        tainted.settle(call.id, in: call.principal.run, as: .clean)
        guard !report.isEmpty else { return nil }
        return ResultSearchSummary(rules: gateway.ports.resultRules).adding(report)
    }
}
