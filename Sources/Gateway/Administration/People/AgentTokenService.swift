import InterlockApprovals
package import InterlockGovernor
import InterlockJSON
package import InterlockLedger
import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// Issues tokens of agents: for the operator at the local socket, and by the signed order of a person. A token is kept
/// nowhere; its record has its id.
package struct AgentTokenService: Sendable {
    let gateway: Gateway
    let issuer: any TokenIssuer

    package init(gateway: Gateway, issuer: any TokenIssuer) {
        self.gateway = gateway
        self.issuer = issuer
    }

    /// Issues a token, whose record is durable on return. If this throws, no token counts.
    ///
    /// - Parameter author: the person whose order it is, with the signed order; nil for the operator.
    func issue(
        _ order: TokenOrder, by author: (signer: Pseudonym, proof: [UInt8])? = nil
    ) async throws(Problem) -> IssuedToken {
        try check(order.agent)
        let order = try bound(order)
        let issued: IssuedToken
        do throws(TokenRefusal) {
            issued = try issuer.issue(order, now: gateway.clock.wall)
        } catch { throw Problem(.malformed, error.reason) }
        guard gateway.runs.extend(issued.run, of: order.agent, to: issued.expires) else {
            throw Problem(
                .otherState, "the run `\(issued.run.text)` has ended",
                help: "a token without `run` begins a new one")
        }
        var draft = RecordDraft.tokenIssued(issued, order)
        if let author {
            var fields = draft.fields
            fields["by"] = .string(author.signer.text)
            draft = gateway.records.record(
                .tokenIssued, run: nil, fields: fields, sealing: [("proof", author.proof)])
        }
        do throws(LedgerRefusal) { _ = try await gateway.ledger.append(draft) } catch {
            throw Problem(.notRecorded, "the token cannot be recorded: \(error.code)")
        }
        return issued
    }

    /// Returns the order with the task that its purpose names.
    private func bound(_ order: TokenOrder) throws(Problem) -> TokenOrder {
        let policy = gateway.policy.snapshot(for: order.agent)
        do throws(UnknownTask) {
            return order.bound(to: try policy.task(of: order.purpose, for: order.agent))
        } catch { throw Problem(.noSuchName, "\(error)", help: error.help) }
    }

    /// - Throws: if the policy in force has no such agent, or the agent's review is overdue.
    private func check(_ name: AgentName) throws(Problem) {
        let policy = gateway.policy.snapshot
        guard let agent = policy.agents[name] else {
            throw Problem(
                .noSuchName, "there is no agent `\(name)`",
                help: "agents: " + policy.agents.keys.sorted().map(\.text).joined(separator: ", "))
        }
        guard !gateway.isOverdue(agent, at: gateway.clock.wall) else {
            throw Problem(
                .notEligible,
                "the review of `\(name)` was due on \(agent.reviewBy?.text ?? "")",
                help: "interlock review start \(name)")
        }
    }

    /// Returns the scopes of these servers and tools. The policy must contain each of them: a wrong name would make a
    /// token useless, or apply later to something else.
    ///
    /// - Parameter tools: such as `tickets.search`.
    /// - Returns: nil if both are empty.
    func scopes(servers: [String], tools: [String]) throws(Problem) -> ScopeSet? {
        guard !servers.isEmpty || !tools.isEmpty else { return nil }
        let policy = gateway.policy.snapshot
        var (known, addresses): ([ServerName], [ToolAddress]) = ([], [])
        for text in servers {
            guard let server = ServerName(text), policy.servers[server] != nil else {
                throw Problem(.noSuchName, "the policy has no server `\(text)`")
            }
            known.append(server)
        }
        for text in tools {
            let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2, let server = ServerName(parts[0]),
                let tool = ToolName(parts[1]), policy.servers[server]?.tools[tool] != nil
            else {
                throw Problem(
                    .noSuchName, "the policy has no tool `\(text)`", help: "write it as server.tool"
                )
            }
            addresses.append(ToolAddress(server: server, tool: tool))
        }
        guard let scopes = ScopeSet(servers: known, tools: addresses) else {
            throw Problem(.malformed, "a token cannot be narrowed to these servers and tools")
        }
        return scopes
    }
}

extension AgentTokenService {
    /// Checks what a person is about to sign.
    func check(_ request: AgentTokenRequest) throws(PeopleRefusal) {
        do throws(Problem) {
            try check(request.agent)
            _ = try bound(try order(of: request))
        } catch { throw Self.refusal(error) }
    }

    /// Issues the token that a person has ordered.
    func issue(
        _ request: AgentTokenRequest, by order: AcceptedPeopleOrder
    ) async throws(PeopleRefusal) -> IssuedToken {
        do throws(Problem) {
            return try await issue(
                try self.order(of: request), by: (order.signer, order.evidence))
        } catch { throw Self.refusal(error) }
    }

    private func order(of request: AgentTokenRequest) throws(Problem) -> TokenOrder {
        let isTool = { (name: String) in name.utf8.contains(UInt8(ascii: ".")) }
        return TokenOrder(
            agent: request.agent, run: nil,
            purpose: request.purpose.isEmpty ? nil : request.purpose, onBehalfOf: nil,
            scopes: try scopes(
                servers: request.only.filter { !isTool($0) }, tools: request.only.filter(isTool)),
            lifetime: .seconds(request.seconds))
    }

    private static func refusal(_ problem: Problem) -> PeopleRefusal {
        problem.kind == .notRecorded
            ? .notRecorded(problem.detail) : .unfitToken(problem.detail)
    }
}

extension RecordDraft {
    /// Records the issue of an agent token: its agent, expiry and scopes. `order` must be the order that the token was
    /// made from.
    package static func tokenIssued(_ issued: IssuedToken, _ order: TokenOrder) -> RecordDraft {
        var fields: JSONObject = [
            "agent": .string(order.agent.text), "jti": .string(issued.id),
            "exp": .integer(issued.expires.microseconds), "trun": .string(issued.run.text),
        ]
        if let scopes = order.scopes {
            fields["only"] = .array(
                scopes.text.split(separator: " ").map { .string(String($0).leafText) })
        }
        return RecordDraft(.tokenIssued, run: nil, fields: fields)
    }
}
