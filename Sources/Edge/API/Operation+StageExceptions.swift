import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockPromotions
import InterlockSchemas
import InterlockTrust

extension Operation {
    /// Operations on exceptions by which people raised a stage for a time.
    static let stageExceptions: [Operation] = [
        Operation(
            name: "listStageExceptions", method: .get, path: "/stage-exceptions",
            summary:
                "The exceptions that raise an agent's stage now without a promotion, by agent, as "
                + "far as this person sees the agents.",
            answer: .record(
                "StageExceptions",
                .init(
                    "exceptions", .list(of: StageException.self, 0...100_000),
                    "Each by at least two people, for 30 days at most.")),
            problems: [.notRead], isLocal: true,
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                let all = try api.part(api.sources.stageExceptions)()
                let seen = all.filter { visibility.sees($0.agent) }
                return ["exceptions": .array(seen.map { StageException.form.json($0) })]
            }),
        Operation(
            name: "exceptStage", method: .post, path: "/stage-exceptions", isSigned: true,
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                let service = try api.part(api.sources.promotions)
                return try await service.except(call.body, by: try call.author())
            }),
    ]
}
