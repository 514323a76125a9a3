package import InterlockJSON
package import InterlockModel

/// Takes results of evals for the operator, and says what the change gate makes of each agent.
package protocol EvalActions: Sendable {
    /// Verifies a result, an exception or a release manifest, and lets it count. Its record and its entry in the control log are durable on return.
    ///
    /// - Parameter body: the envelope, as `interlock eval run --sign` writes it.
    /// - Returns: `{agent, gate, until, proof}`, of a result also `fingerprint` and `verdict`; `proof` is the least that a run needs.
    func submit(_ body: JSONValue, by: Pseudonym) async throws(Problem) -> JSONValue

    /// Returns `{refuses_missing_from, agents: [{agent, tier, gate, until, next}]}`.
    func status() -> JSONValue

    /// Returns `{gate, until, excepted, waits_until, next}` of one agent; null if the policy does not have it.
    func status(of agent: AgentName) -> JSONValue
}

extension LocalServices {
    /// Takes a result of evals. The body is its envelope.
    package func submitEvalResult(_ call: LocalCall) async throws(Problem) -> JSONValue {
        try await evals.submit(call.body, by: call.by)
    }

    /// Returns what the change gate makes of each agent.
    package func evalStatus(_: LocalCall) -> JSONValue { evals.status() }
}
