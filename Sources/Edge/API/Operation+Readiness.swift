import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockSchemas
import InterlockTrust

extension Operation {
    /// Operations that say whether an agent, or the organisation, may be given more.
    static let readiness: [Operation] = [
        Operation(
            name: "getReadiness", method: .get, path: "/readiness",
            summary: "Whether the organisation may scale: each check as ok, missing or unknown, "
                + "with the command that mends it; for those who see all agents.",
            query: [stage], answer: Readiness.form.shape, problems: [.notRead, .notEligible],
            isLocal: true,
            handler: .reading { api, call throws(Problem) in
                guard try api.visibility(call).seesAll else {
                    throw Problem(.notEligible, "this is for people who see all agents")
                }
                let reader = try api.part(api.sources.readiness)
                return Readiness.form.json(
                    await reader.readiness(of: nil, for: wanted(call.query["stage"])))
            }),
        Operation(
            name: "getAgentReadiness", method: .get, path: "/agents/{agent}/readiness",
            summary: "Whether an agent may be given more: each check as ok, missing or unknown, "
                + "with the command that mends it.",
            query: [stage], answer: Readiness.form.shape, problems: [.notRead, .noSuchAgent],
            isLocal: true,
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                let reader = try api.part(api.sources.readiness)
                guard let name = call.places["agent"].flatMap({ AgentName($0) }),
                    visibility.sees(name)
                else { throw Problem.noVisibleAgent }
                let found = await reader.readiness(of: name, for: wanted(call.query["stage"]))
                // The policy may have lost the agent since the person was given a right to it.
                guard !found.results.isEmpty else {
                    throw Problem.noVisibleAgent
                }
                return Readiness.form.json(found)
            }),
    ]

    private static let stage = JSONSchemaType.Member.maybe(
        "stage", .stage, "The stage that it is asked for; omitted for the one that the agent has.")

    private static func wanted(_ value: JSONValue?) -> AutonomyStage? {
        value?.string.flatMap { AutonomyStage(name: $0) }
    }
}
