import InterlockAdministration
import InterlockChangeGate
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations that read the change gate. The command line has its own, which also takes results.
    static let evals: [Operation] = [
        Operation(
            name: "listAgentEvals", method: .get, path: "/evals",
            summary: "What the change gate makes of the agents in sight, those that need action "
                + "first, with their latest results.",
            query: [
                .maybe("state", .choice(of: GateOutlook.State.self), "Of this state alone."),
                Paging.parameter,
            ],
            answer: AgentEvalListing.form.shape, problems: [.notRead],
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                let state = call.query["state"]?.string
                    .flatMap(GateOutlook.State.init(rawValue:))
                let listing = try api.part(api.sources.evals).agents(
                    in: state, page: call.page, for: visibility)
                return AgentEvalListing.form.json(listing)
            }),
        Operation(
            name: "getAgentEvals", method: .get, path: "/agents/{agent}/evals",
            summary: "What the change gate makes of an agent: the parts of its fingerprint, what "
                + "changed, its results, and the agents that share a part.",
            answer: AgentEvalDetail.form.shape, problems: [.notRead, .noSuchAgent],
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                guard let name = call.places["agent"].flatMap({ AgentName($0) }),
                    let detail = try api.part(api.sources.evals).evals(of: name, for: visibility)
                else { throw Problem.noVisibleAgent }
                return AgentEvalDetail.form.json(detail)
            }),
    ]
}
