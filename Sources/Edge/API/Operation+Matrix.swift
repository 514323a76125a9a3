import InterlockAdministration
import InterlockJSON
import InterlockMCP
import InterlockMarkup
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations that read who may do what under the policy in force, and by which rule.
    static let matrix: [Operation] = [
        Operation(
            name: "getPolicyMatrix", method: .get, path: "/policy/matrix",
            summary:
                "Agents as rows, servers as columns: the loosest outcome that calls to the server's tools can reach.",
            query: MatrixFilter.members + [
                Paging.parameter,
                .maybe("columns", .whole(Paging.numbers), "The page of servers, from 1."),
            ],
            answer: PolicyMatrix.form.shape, problems: readingPolicy,
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                let columns = Int(call.query["columns"]?.integer ?? 1)
                return try await api.readPolicy { policy throws(PolicyReadingRefusal) in
                    PolicyMatrix.form.json(
                        try await policy.matrix(
                            MatrixFilter(call.query), page: call.page, columns: columns,
                            for: visibility))
                }
            }),
        Operation(
            name: "getPolicyMatrixCell", method: .get, path: "/policy/matrix/{agent}/{server}",
            summary:
                "The tools of a server that something gives an agent, with outcomes and rules.",
            answer: MatrixDetail.form.shape, problems: readingPolicy,
            handler: .reading { api, call throws(Problem) in
                guard let agent = call.places["agent"].flatMap({ AgentName($0) }),
                    let server = call.places["server"].flatMap({ ServerName($0) })
                else { throw Problem(PolicyReadingRefusal.missing) }
                let visibility = try api.visibility(call)
                return try await api.readPolicy { policy throws(PolicyReadingRefusal) in
                    MatrixDetail.form.json(
                        try await policy.cell(of: agent, at: server, for: visibility))
                }
            }),
        Operation(
            name: "getPolicyRule", method: .get, path: "/policy/rules/{rule}",
            summary:
                "One rule by its name: as a sentence, as it is written, whom it concerns, and the tests that name it.",
            answer: PolicyRuleDetail.form.shape, problems: readingPolicy,
            handler: .reading { api, call throws(Problem) in
                guard let name = call.places["rule"].flatMap({ FormFields.decoded($0) }) else {
                    throw Problem(PolicyReadingRefusal.missing)
                }
                let visibility = try api.visibility(call)
                return try await api.readPolicy { policy throws(PolicyReadingRefusal) in
                    PolicyRuleDetail.form.json(
                        try await policy.ruleDetail(named: name, for: visibility))
                }
            }),
    ]
}
