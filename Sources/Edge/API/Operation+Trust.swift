import InterlockAdministration
import InterlockJSON
import InterlockModel
import InterlockSchemas
import InterlockTrustQueries

extension Operation {
    /// The operation that reads what an agent has earned. The command line has its own, over the log itself.
    static let trust: [Operation] = [
        Operation(
            name: "getAgentTrust", method: .get, path: "/agents/{agent}/trust",
            summary: "What an agent has earned: its stage, what decides it, each criterion of the "
                + "next stage with value and threshold, and the changes so far.",
            answer: AgentTrustDetail.form.shape, problems: [.notRead, .noSuchAgent],
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                guard let name = call.places["agent"].flatMap({ AgentName($0) }),
                    let detail = try api.part(api.sources.trust).trust(of: name, for: visibility)
                else { throw Problem.noVisibleAgent }
                return AgentTrustDetail.form.json(detail)
            })
    ]
}
