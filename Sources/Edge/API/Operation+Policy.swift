import InterlockAdministration
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations that read the policy in force and the revision that waits for sign-off.
    static let policy: [Operation] = [
        Operation(
            name: "getPolicy", method: .get, path: "/policy",
            summary: "Which policy is in force, and by whose word.",
            answer: PolicyOverview.form.shape, problems: [.notRead],
            handler: .reading { api, call throws(Problem) in
                PolicyOverview.form.json(
                    try api.part(api.sources.policy).overview(for: try api.visibility(call)))
            }),
        Operation(
            name: "listPolicyFindings", method: .get, path: "/policy/findings",
            summary: "What was found in the policy in force.", query: [Paging.parameter],
            answer: PolicyFinding.page.shape, problems: [.notRead],
            handler: .reading { api, call throws(Problem) in
                let all = try api.part(api.sources.policy).overview(for: try api.visibility(call))
                    .findings
                return PolicyFinding.page.json(PagedRows(all, page: call.page))
            }),
        Operation(
            name: "listPolicyRules", method: .get, path: "/policy/rules",
            summary: "The rules of the organisation, each with the place that states it.",
            query: [.maybe("kind", .choice(PolicyRule.kinds), "Of this kind."), Paging.parameter],
            answer: PolicyRule.page.shape, problems: [.notRead],
            handler: .reading { api, call throws(Problem) in
                let all = try api.part(api.sources.policy).rules(for: try api.visibility(call))
                let kind = call.query["kind"]?.string
                return PolicyRule.page.json(
                    PagedRows(
                        kind.map { kind in all.filter { $0.kind == kind } } ?? all,
                        page: call.page))
            }),
        Operation(
            name: "listPolicyAgents", method: .get, path: "/policy/agents",
            summary: "The agents of the policy in sight of this person.", query: [Paging.parameter],
            answer: PolicyAgent.page.shape, problems: [.notRead],
            handler: .reading { api, call throws(Problem) in
                let listing = try api.part(api.sources.policy)
                    .agents(named: nil, page: call.page, for: try api.visibility(call))
                return PolicyAgent.page.json(
                    PagedRows(listing.agents, of: listing.count, page: listing.page))
            }),
        Operation(
            name: "explainAgent", method: .get, path: "/policy/agents/{agent}",
            summary: "What the policy says of one agent: what it may do, and by which rules.",
            answer: AgentRules.form.shape, problems: readingPolicy,
            handler: .reading { api, call throws(Problem) in
                guard let name = call.places["agent"].flatMap({ AgentName($0) }) else {
                    throw Problem(PolicyReadingRefusal.missing)
                }
                let visibility = try api.visibility(call)
                return try await api.readPolicy { policy throws(PolicyReadingRefusal) in
                    AgentRules.form.json(try await policy.agent(name, for: visibility))
                }
            }),
        Operation(
            name: "getProposedPolicy", method: .get, path: "/policy/proposed",
            summary:
                "A revision that lies on disk and is not in force, or the first one, and who has to sign it.",
            answer: PolicyProposal.form.shape, problems: readingPolicy,
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                return try await api.readPolicy { policy throws(PolicyReadingRefusal) in
                    PolicyProposal.form.json(try await policy.proposal(for: visibility))
                }
            }),
        Operation(
            name: "listPolicyChanges", method: .get, path: "/policy/proposed/changes",
            summary: "What that revision would decide otherwise.", query: [Paging.parameter],
            answer: PolicyChange.page.shape, problems: readingPolicy,
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                return try await api.readPolicy { policy throws(PolicyReadingRefusal) in
                    let all = try await policy.proposal(for: visibility).changes
                    return PolicyChange.page.json(PagedRows(all, page: call.page))
                }
            }),
    ]

    static let readingPolicy: [ProblemKind] = [.noSuchPolicy, .tooMany, .notRead]
}

extension OperationServices {
    func readPolicy(
        _ body: (any PolicyQueries) async throws(PolicyReadingRefusal) -> JSONValue
    ) async throws(Problem) -> JSONValue {
        let policy = try part(sources.policy)
        do throws(PolicyReadingRefusal) { return try await body(policy) } catch {
            throw Problem(error)
        }
    }
}

extension Problem {
    init(_ refusal: PolicyReadingRefusal) {
        switch refusal {
        case .missing:
            self.init(
                .noSuchPolicy, "part of the policy not found, or no access")
        case .busy:
            self.init(.tooMany, "it is being worked out; ask again", ("retry-after", "2"))
        }
    }
}
