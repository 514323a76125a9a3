package import InterlockJSON
import InterlockModel
import InterlockPorts

extension LocalServices {
    package func issueToken(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let tokens = AgentTokenService(gateway: gateway, issuer: tokens)
        let issued = try await tokens.issue(try order(call.body, tokens))
        return [
            "token": .string(issued.token), "run": .string(issued.run.text),
            "id": .string(issued.id), "expires": .string(issued.expires.rfc3339(fractionDigits: 0)),
        ]
    }

    private func order(
        _ body: JSONValue, _ tokens: AgentTokenService
    ) throws(Problem) -> TokenOrder {
        let scopes = try scopes(body, tokens)
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

    private func scopes(
        _ body: JSONValue, _ tokens: AgentTokenService
    ) throws(Problem) -> ScopeSet? {
        let lists = [body["servers"], body["tools"]]
        guard lists.contains(where: { $0 != nil }) else { return nil }
        guard lists.allSatisfy({ $0 == nil || $0?.array != nil }) else {
            throw Problem(.malformed, "`servers` and `tools` are lists of names")
        }
        let (servers, tools) = (body["servers"]?.array ?? [], body["tools"]?.array ?? [])
        guard !servers.isEmpty || !tools.isEmpty else {
            throw Problem(.malformed, "a token cannot be narrowed to these servers and tools")
        }
        return try tokens.scopes(
            servers: servers.map { $0.string ?? "" }, tools: tools.map { $0.string ?? "" })
    }
}
