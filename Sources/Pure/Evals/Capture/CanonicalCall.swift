package import InterlockJSON
package import InterlockModel
import InterlockPolicy

/// The identity of a call among cases: SHA-256 of the RFC 8785 form of `{"agent", "args", "call"}`.
package struct CanonicalCall: Sendable, Hashable {
    package let digest: Digest

    /// Returns nil if the arguments have no such form, because a number in them is an integer beyond 2^53.
    package init?(
        of agent: AgentName, _ call: ToolAddress, _ arguments: JSONValue, hashing: any Hashing
    ) {
        let value: JSONValue = [
            "agent": .string(agent.text), "args": arguments,
            "call": .string(call.description),
        ]
        guard let bytes = try? value.canonical() else { return nil }
        digest = hashing.sha256(bytes)
    }

    /// Returns nil for a case of kind `agent`, which has no single call.
    package init?(of one: EvalCase, agent: AgentName, hashing: any Hashing) {
        guard case .policy(let policy) = one.body else { return nil }
        self.init(of: agent, policy.call, policy.test.arguments, hashing: hashing)
    }
}
