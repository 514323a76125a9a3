package import InterlockAdministration
package import InterlockGovernor
package import InterlockModel
package import InterlockPorts

extension CanaryCredential {
    /// Returns a credential whose tokens the gateway issues like any agent's, each for a run of its own.
    package static func issued(
        by tokens: any TokenIssuer, _ gateway: Gateway, to agent: AgentName, for purpose: String,
        lifetime: Duration
    ) -> CanaryCredential {
        let order = TokenOrder(
            agent: agent, run: nil, purpose: purpose, onBehalfOf: nil, lifetime: lifetime)
        return CanaryCredential {
            // A canary without a token is refused for another reason, so that the drill or self-test fails.
            guard let issued = try? tokens.issue(order, now: gateway.clock.wall),
                gateway.runs.extend(issued.run, of: agent, to: issued.expires)
            else { return "" }
            return issued.token
        }
    }
}
