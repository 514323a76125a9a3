package import InterlockJSON
package import InterlockMCP
package import InterlockModel
import InterlockPolicy
import InterlockPorts

/// What the agent may see of the answer, and how the call is to be recorded.
package final class InspectedCall: Sendable {
    /// `st` of the outcome (specs of the ledger, section 5).
    package enum State: String, Sendable {
        case ok
        case toolError = "tool_error"
        case error
        case withheld
        case cancelled
        case notExecuted = "not_executed"
        /// Recorded as `call.unknown`, not as an outcome.
        case unknown
    }
    package enum Shown: Sendable {
        /// As the caller's version has it.
        case result(JSONObject)
        case refusal(Refusal)
        /// What the client itself must act on, or the server's own no where a result cannot say so.
        case error(JSONRPCError)
    }

    package let executed: ExecutedCall
    package let state: State
    package let code: String
    package let shown: Shown
    /// Exact bytes of the upstream's result, for the record.
    package let result: [UInt8]?
    /// Exact bytes of the result that the agent gets, where it says anything else, for the record.
    package let changed: [UInt8]?

    fileprivate init(
        executed: ExecutedCall, state: State, code: String, shown: Shown, result: [UInt8]?,
        changed: [UInt8]? = nil
    ) {
        self.executed = executed
        self.state = state
        self.code = code
        self.shown = shown
        self.result = result
        self.changed = changed
    }
}

extension CallPipeline {
    /// Judges what came back: pinned output schema, halts that came meanwhile. On disk: nothing new.
    ///
    /// - Parameter caller: what its version cannot carry the agent does not get.
    func inspect(_ executed: ExecutedCall, for caller: Caller) -> InspectedCall {
        let version = caller.version
        switch executed.answer {
        case .result(let result, let bytes):
            return inspectResult(executed, result, bytes, version)
        case .rpcError(let code, let message):
            let refusal = Refusal.upstream(
                "rpc-error", .failed,
                "the server answered error \(code)"
                    + (executed.cleared.keepsFieldsBack ? "" : ": \(message.prefix(512))"))
            return ended(
                executed, .error, "upstream.rpc_error", refusal,
                error: Self.error(code, message, executed.call, in: version, refusal.sentence))
        case .unmet(let capabilities, let reason):
            return ended(
                executed, .notExecuted, "upstream.failed",
                .upstream("failed", .notExecuted, reason),
                error: caller.misses(capabilities) ? .missing(capabilities) : nil)
        case .failed(let outcome, let reason):
            let state: InspectedCall.State =
                outcome == .notExecuted ? .notExecuted : outcome == .failed ? .error : .unknown
            return ended(executed, state, "upstream.failed", .upstream("failed", outcome, reason))
        case .timedOut(let outcome):
            return ended(
                executed, outcome == .notExecuted ? .notExecuted : .unknown, "upstream.timeout",
                Refusal(
                    .upstreamTimeout, "upstream", "timeout", "the server did not answer in time",
                    outcome: outcome))
        case .breakerOpen(let wait):
            return ended(executed, .notExecuted, "upstream.breaker_open", .breakerOpen(wait))
        case .cancelled(let confirmed):
            return ended(
                executed, confirmed ? .notExecuted : .unknown, "upstream.cancelled",
                .upstream(
                    "cancelled", confirmed ? .notExecuted : .unknown, "the call was cancelled"))
        }
    }

    /// A call without a result. Whatever broke first, a caller that is halted is told the halt: the
    /// server's end is often only how the halt reached it.
    private func ended(
        _ executed: ExecutedCall, _ state: InspectedCall.State, _ code: String, _ refusal: Refusal,
        error: JSONRPCError? = nil
    ) -> InspectedCall {
        guard let halt = executed.haltedBy else {
            return InspectedCall(
                executed: executed, state: state, code: code,
                shown: error.map(InspectedCall.Shown.error) ?? .refusal(refusal), result: nil)
        }
        return InspectedCall(
            executed: executed, state: state, code: "kill.halted",
            shown: .refusal(.halted(by: halt)), result: nil)
    }

    /// What the caller's version says where its parameters were at fault; nil for other errors.
    private static func error(
        _ code: Int64, _ message: String, _ call: Call, in version: ProtocolVersion,
        _ sentence: String
    ) -> JSONRPCError? {
        switch (call.method, code) {
        case (.readResource, _) where JSONRPCError.saysMissing(code, message):
            .missingResource(call.name, in: version)
        case (.getPrompt, JSONRPCError.invalidParams), (.complete, JSONRPCError.invalidParams):
            JSONRPCError(code: JSONRPCError.invalidParams, message: sentence)
        default: nil
        }
    }

    private func inspectResult(
        _ executed: ExecutedCall, _ object: JSONObject, _ bytes: [UInt8],
        _ version: ProtocolVersion
    ) -> InspectedCall {
        if let halt = executed.haltedBy {
            return withheld(executed, "kill.halted", .halted(by: halt), bytes)
        }
        let result: OfferResult
        do throws(ToolResultError) {
            result = try OfferResult(executed.call.method, object)
        } catch {
            return withheld(
                executed, "schema.result",
                .upstream("malformed", .executed, "the server's result is malformed: \(error)"),
                bytes)
        }
        if !result.isError,
            let violation = executed.recorded.decided.resolved.pin?.violation(of: result)
        {
            return withheld(
                executed, "schema.output",
                .upstream(
                    "output-schema", .executed,
                    "the result breaks the reviewed output schema"
                        + (executed.cleared.keepsFieldsBack ? "" : ": \(violation)")), bytes)
        }
        let permitted: OfferResult
        do throws(ObligationFailure) {
            permitted = try executed.cleared.data?.apply(to: result) ?? result
        } catch {
            return withheld(executed, "policy.obligation", .unmet(error), bytes)
        }
        // At `/mcp` names and addresses carry their server; at a server's own path they do not.
        let call = executed.call
        let shown = permitted.shown(
            in: version, routedBy: call.server == nil ? executed.cleared.address.server : nil)
        return InspectedCall(
            executed: executed, state: result.isError ? .toolError : .ok,
            code: result.isError ? "upstream.tool_error" : "0", shown: .result(shown),
            result: bytes, changed: shown.saysTheSame(as: object) ? nil : shown.serialized())
    }

    private func withheld(
        _ executed: ExecutedCall, _ code: String, _ refusal: Refusal, _ bytes: [UInt8]
    ) -> InspectedCall {
        InspectedCall(
            executed: executed, state: .withheld, code: code, shown: .refusal(refusal),
            result: bytes)
    }
}

extension Caller {
    /// Whether it could declare one of these in its next request. What it declared already was kept from
    /// the server by the policy, and no client can mend that.
    fileprivate func misses(_ required: JSONObject) -> Bool {
        let declared = capabilities
        return version.isModern && required.members.contains { declared[$0.key] == nil }
    }
}

extension JSONObject {
    /// Whether an agent learns from both results the same. Whether it is an error, and what no version
    /// knows, is not compared: the one never changes, the other says nothing.
    fileprivate func saysTheSame(as upstream: JSONObject) -> Bool {
        let told = [
            "content", "structuredContent", "_meta", "contents", "messages", "description",
            "completion",
        ]
        return told.allSatisfy { self[$0] == upstream[$0] }
    }
}

extension Refusal {
    fileprivate static func unmet(_ failure: ObligationFailure) -> Refusal {
        let why =
            switch failure {
            case .notFields: "it is not JSON, so its fields cannot be judged"
            case .tooLarge(let bytes, let limit): "it has \(bytes) bytes, more than \(limit)"
            }
        return .upstream("obligation", .executed, "the policy keeps the result back: \(why)")
    }

    static func upstream(_ reason: String, _ outcome: UpstreamOutcome, _ sentence: String)
        -> Refusal
    {
        Refusal(.upstreamFailed, "upstream", reason, sentence, outcome: outcome)
    }
}
