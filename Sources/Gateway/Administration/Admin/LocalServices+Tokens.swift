import InterlockGovernor
package import InterlockJSON
package import InterlockLedger
import InterlockModel
import InterlockPolicy
package import InterlockPorts

extension LocalServices {
    package func issueToken(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let policy = gateway.policy.snapshot
        let order = try order(call.body, policy)
        guard let agent = policy.agents[order.agent] else {
            throw Problem(
                .noSuchName, "there is no agent `\(order.agent)`",
                help: "agents: " + policy.agents.keys.sorted().map(\.text).joined(separator: ", "))
        }
        let now = gateway.clock.wall
        if agent.isOverdue(at: now) {
            throw Problem(
                .notEligible,
                "the review of `\(order.agent)` was due on \(agent.reviewBy?.text ?? "")",
                help: "review the agent and set a new `review_by`")
        }
        let issued: IssuedToken
        do throws(TokenRefusal) { issued = try tokens.issue(order, now: now) } catch {
            throw Problem(.malformed, error.reason)
        }
        guard gateway.runs.extend(issued.run, of: order.agent, to: issued.expires) else {
            throw ended(issued.run)
        }
        try await record(issued, order)
        return [
            "token": .string(issued.token), "run": .string(issued.run.text),
            "id": .string(issued.id), "expires": .string(issued.expires.rfc3339(fractionDigits: 0)),
        ]
    }

    private func order(_ body: JSONValue, _ policy: PolicySnapshot) throws(Problem) -> TokenOrder {
        let scopes = try scopes(body, policy)
        do throws(FormError) {
            let fields = try StrictFields(
                body, required: ["agent", "ttl_s"],
                optional: ["run", "purpose", "on_behalf_of", "servers", "tools"])
            return TokenOrder(
                agent: try fields.made("agent", "an agent's name", AgentName.init),
                run: fields.has("run") ? try fields.made("run", "a run's id") { RunID($0) } : nil,
                purpose: fields.has("purpose")
                    ? try fields.string("purpose", length: 1...500) : nil,
                onBehalfOf: fields.has("on_behalf_of")
                    ? try fields.made("on_behalf_of", "an e-mail address", Person.init) : nil,
                scopes: scopes, lifetime: .seconds(try fields.integer("ttl_s", in: 1...100_000_000))
            )
        } catch { throw Problem(error) }
    }

    /// Returns `servers` and `tools` of the order. The policy must contain each of them: a wrong name would make a
    /// token useless, or apply later to something else.
    private func scopes(_ body: JSONValue, _ policy: PolicySnapshot) throws(Problem) -> ScopeSet? {
        let lists = [body["servers"], body["tools"]]
        guard lists.contains(where: { $0 != nil }) else { return nil }
        guard lists.allSatisfy({ $0 == nil || $0?.array != nil }) else {
            throw Problem(.malformed, "`servers` and `tools` are lists of names")
        }
        var servers: [ServerName] = []
        for value in body["servers"]?.array ?? [] {
            let text = value.string ?? ""
            guard let server = ServerName(text), policy.servers[server] != nil else {
                throw Problem(.noSuchName, "the policy has no server `\(text)`")
            }
            servers.append(server)
        }
        var tools: [ToolAddress] = []
        for value in body["tools"]?.array ?? [] {
            let text = value.string ?? ""
            let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2, let server = ServerName(parts[0]),
                let tool = ToolName(parts[1]), policy.servers[server]?.tools[tool] != nil
            else {
                throw Problem(
                    .noSuchName, "the policy has no tool `\(text)`", help: "write it as server.tool"
                )
            }
            tools.append(ToolAddress(server: server, tool: tool))
        }
        guard !servers.isEmpty || !tools.isEmpty,
            let scopes = ScopeSet(servers: servers, tools: tools)
        else { throw Problem(.malformed, "a token cannot be narrowed to these servers and tools") }
        return scopes
    }

    private func ended(_ run: RunID) -> Problem {
        Problem(
            .otherState, "the run `\(run.text)` has ended",
            help: "a token without `run` begins a new one")
    }

    /// Records a token. It must not be handed out if this throws.
    private func record(_ issued: IssuedToken, _ order: TokenOrder) async throws(Problem) {
        do throws(LedgerRefusal) {
            _ = try await gateway.ledger.append(.tokenIssued(issued, order))
        } catch { throw Problem(.notRecorded, "the token cannot be recorded: \(error.code)") }
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
