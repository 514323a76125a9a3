package import InterlockJSON
package import InterlockModel

/// A run of the audit log up to one of its calls, as far as an agent case can state it (docs/specs/evals.md, section 7).
package struct CapturedRun: Sendable {
    package let agent: AgentName
    /// The request that the run began with; nil if no record has it, or it was erased.
    package let request: String?
    /// The calls in the order of the log, at least one. The case is about the last one.
    package let calls: [CapturedStep]

    /// - Returns: nil without a call.
    package init?(agent: AgentName, request: String?, calls: [CapturedStep]) {
        guard !calls.isEmpty else { return nil }
        self.agent = agent
        self.request = request
        self.calls = calls
    }
}

/// One call of a captured run.
package struct CapturedStep: Sendable {
    package let call: ToolAddress
    /// Nil if the arguments were erased.
    package let arguments: JSONObject?
    /// The result that the agent got; nil if it got none, or the result was erased.
    package let result: JSONObject?

    package init(call: ToolAddress, arguments: JSONObject?, result: JSONObject?) {
        self.call = call
        self.arguments = arguments
        self.result = result
    }
}
