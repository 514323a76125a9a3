import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockPolicyReview
import InterlockSchemas

extension Operation {
    /// Operations that read what the waiting revision changes: its texts, the worst cases, the calls that came.
    static let proposals: [Operation] = [
        Operation(
            name: "getPolicyFiles", method: .get, path: "/policy/proposed/files",
            summary: "How the text of each signed file differs, line by line.",
            answer: RevisionFileDiff.form.shape, problems: readingPolicy,
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                return try await api.readPolicy { policy throws(PolicyReadingRefusal) in
                    RevisionFileDiff.form.json(try await policy.proposal(for: visibility).texts)
                }
            }),
        Operation(
            name: "getWorstCaseChanges", method: .get, path: "/policy/proposed/worst-cases",
            summary: "The worst that its agents can do, before and after.",
            answer: WorstCaseComparison.form.shape, problems: readingPolicy,
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                return try await api.readPolicy { policy throws(PolicyReadingRefusal) in
                    WorstCaseComparison.form.json(try await policy.proposal(for: visibility).worst)
                }
            }),
        Operation(
            name: "simulateProposedPolicy", method: .get, path: "/policy/proposed/simulation",
            summary:
                "What it would have decided about the calls of the last 30 days of agents whose "
                + "records the reader may read, and which rules they reached.",
            query: [.maybe("again", .count, "`again` of a result that failed.")],
            answer: SimulationStatus.form.shape, problems: fromLog + [.noSuchRecord],
            handler: .reading { api, call throws(Problem) in
                let again = call.query["again"]?.integer.map { UInt64($0) }
                return try await api.read(\.simulations, call) {
                    log, reader throws(EvidenceRefusal) in
                    try await log.simulation(again: again, for: reader)
                }.inResponse
            }),
    ]
}
