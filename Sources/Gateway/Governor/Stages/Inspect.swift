package import InterlockJSON
import InterlockLimits
package import InterlockMCP
package import InterlockModel
import InterlockPolicy
import InterlockPorts

/// The part of the answer that the agent may see, and the values for the call's record.
///
/// INVARIANT: where the agent got another result than the upstream sent, the record commits to both. Kept by
/// `KeptBackTests`, `test_policy_obligations.py`.
package final class InspectedCall: Sendable {
    /// The `st` of the outcome (docs/specs/ledger.md, section 5).
    package enum State: String, Sendable {
        case ok
        case toolError = "tool_error"
        case error
        case withheld
        case cancelled
        case notExecuted = "not_executed"
        /// Recorded as `call.unknown` instead of an outcome.
        case unknown
    }
    package enum Output: Sendable {
        /// A result in the form of the caller's protocol version.
        case result(JSONObject)
        case refusal(Refusal)
        /// An error that the client itself must act on, or the server's own error if a result cannot express it.
        case error(JSONRPCError)
    }

    package let executed: ExecutedCall
    var resolved: ResolvedCall { executed.resolved }
    var call: Call { executed.call }
    var address: ToolAddress { executed.address }
    package let state: State
    package let code: String
    package let shown: Output
    /// The exact bytes of the upstream's result, for the record.
    package let result: [UInt8]?
    /// The exact bytes of the result that the agent gets, for the record, if they differ in content.
    package let changed: [UInt8]?
    /// The result of the searches in what the server wrote; nil if it wrote nothing, or was not searched.
    let found: ResultSearchSummary?

    fileprivate init(
        _ executed: ExecutedCall, _ searched: SearchedAnswer, found: ResultSearchSummary?,
        changed: [UInt8]? = nil
    ) {
        self.executed = executed
        state = searched.answer.state
        code = searched.answer.code
        shown = searched.answer.shown
        result = searched.answer.result
        self.changed = changed
        self.found = found
    }

    /// A result that the agent does not get, after it was searched.
    fileprivate init(
        _ executed: ExecutedCall, _ searched: SearchedAnswer, withheld code: String,
        _ refusal: Refusal
    ) {
        self.executed = executed
        state = .withheld
        self.code = code
        shown = .refusal(refusal)
        result = searched.answer.result
        changed = nil
        found = searched.found
    }
}

extension CallPipeline {
    /// Checks the answer: the pinned output schema, halts during the call, secrets, and the bytes of results. Makes
    /// nothing durable.
    ///
    /// - Parameter caller: the agent does not get anything that its version cannot carry.
    func inspect(_ executed: ExecutedCall, for caller: Caller) async -> InspectedCall {
        let searched = await search(check(executed, for: caller), of: executed)
        let found = await searchMarkers(in: searched, of: executed)
        guard case .result(let shown) = searched.answer.shown,
            case .result(let object, let bytes) = executed.answer
        else { return InspectedCall(executed, searched, found: found) }
        let changed = shown.saysTheSame(as: object) ? nil : shown.serialized()
        do throws(LimitExceeded) {
            try gateway.limits.take(
                Int64((changed ?? bytes).count), .resultBytes,
                of: executed.call.principal.agent,
                most: gateway.settings.doors.most(.resultBytes))
        } catch {
            return InspectedCall(
                executed, searched, withheld: "limit.result_bytes", .tooManyBytes(error))
        }
        return InspectedCall(executed, searched, found: found, changed: changed)
    }

    /// Returns the answer as its caller would get it without a search.
    private func check(_ executed: ExecutedCall, for caller: Caller) -> CheckedAnswer {
        let version = caller.version
        switch executed.answer {
        case .result(let result, let bytes): return checkResult(executed, result, bytes, version)
        case .rpcError(let code, let message):
            let head = "the server answered error \(code)"
            let refusal = Refusal.upstream(
                "rpc-error", .failed,
                head + (executed.cleared.keepsFieldsBack ? "" : ": \(message)"))
            let error = Self.error(code, message, executed.call, in: version, refusal.sentence)
            var answer = ended(
                executed, .error, "upstream.rpc_error", refusal, error: error,
                // This error has the caller's words alone, as that for a resource that is hidden.
                hasServerText: executed.call.method != .readResource || error == nil)
            answer.longestSentence = head.count + 2 + 512
            return answer
        case .unmet(let capabilities, let reason):
            return ended(
                executed, .notExecuted, "upstream.failed",
                .upstream("failed", .notExecuted, reason),
                error: caller.misses(capabilities) ? .missing(capabilities) : nil)
        case .failed(let outcome, let reason):
            let state: InspectedCall.State =
                outcome == .notExecuted ? .notExecuted : outcome == .failed ? .error : .unknown
            return ended(executed, state, "upstream.failed", .upstream("failed", outcome, reason))
        case .exceeded(let excess):
            let refusal = ResultExcess.unread(excess).refusal
            return ended(executed, .unknown, refusal.code, refusal, hasServerText: false)
        case .timedOut(let outcome):
            return ended(
                executed, outcome == .notExecuted ? .notExecuted : .unknown, "upstream.timeout",
                Refusal(
                    .upstreamTimeout, "upstream", "timeout", "the server did not answer in time",
                    outcome: outcome), hasServerText: false)
        case .breakerOpen(let wait):
            return ended(
                executed, .notExecuted, "upstream.breaker_open", .breakerOpen(wait),
                hasServerText: false)
        case .cancelled(let confirmed):
            return ended(
                executed, confirmed ? .notExecuted : .unknown, "upstream.cancelled",
                .upstream(
                    "cancelled", confirmed ? .notExecuted : .unknown, "the call was cancelled"),
                hasServerText: false)
        }
    }

    /// Ends a call without a result. A halted caller always gets the halt as the reason, whatever failed first: the
    /// server's failure is often only an effect of the halt. The same holds for a decision that ended the call.
    private func ended(
        _ executed: ExecutedCall, _ state: InspectedCall.State, _ code: String, _ refusal: Refusal,
        error: JSONRPCError? = nil, hasServerText: Bool = true
    ) -> CheckedAnswer {
        if let halt = executed.haltedBy {
            return CheckedAnswer(
                state: state, code: "kill.halted", shown: .refusal(.halted(by: halt)),
                hasServerText: false)
        }
        if let refused = executed.refusedInput?.refusal {
            return CheckedAnswer(
                state: state, code: refused.code,
                shown: .refusal(refused.ending(in: refusal.outcome)), hasServerText: false)
        }
        return CheckedAnswer(
            state: state, code: code,
            shown: error.map(InspectedCall.Output.error) ?? .refusal(refusal),
            hasServerText: hasServerText)
    }

    /// Returns the error of the caller's version if its parameters were invalid, or nil for other errors.
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

    private func checkResult(
        _ executed: ExecutedCall, _ object: JSONObject, _ bytes: [UInt8], _ version: ProtocolVersion
    ) -> CheckedAnswer {
        func mismatch(_ sentence: String) -> CheckedAnswer {
            self.withheld("schema.output", .upstream("schema-mismatch", .executed, sentence), bytes)
        }
        func withheld(_ excess: ResultExcess) -> CheckedAnswer {
            let refusal = excess.refusal
            return self.withheld(refusal.code, refusal, bytes, hasServerText: false)
        }
        if let halt = executed.haltedBy {
            return self.withheld("kill.halted", .halted(by: halt), bytes, hasServerText: false)
        }
        // The hook of a host's call judges how much its model reads.
        if executed.call.host == nil, bytes.count > ResultLimits.longestStringBytes,
            JSONValue.object(object).hasString(longerThan: ResultLimits.longestStringBytes)
        {
            return withheld(.string)
        }
        let result: OfferResult
        do throws(ToolResultError) {
            result = try OfferResult(executed.call.method, object)
        } catch {
            switch error.kind {
            case .tooManyParts: return withheld(.parts("\(error)"))
            case .malformed:
                return self.withheld(
                    "schema.result",
                    .upstream(
                        "malformed", .executed, "the server's result is malformed: \(error)"),
                    bytes)
            }
        }
        let data = executed.cleared.data
        if !result.isError,
            let violation = executed.resolved.pin?.violation(of: result)
        {
            return mismatch(
                "the result breaks the reviewed output schema"
                    + (executed.cleared.keepsFieldsBack ? "" : ": \(violation)"))
        }
        let permitted: PermittedResult
        do throws(ObligationFailure) {
            permitted = try executed.permitted(result, bytes, version)
        } catch {
            switch error {
            case .notFields:
                return self.withheld(
                    "policy.obligation", .keptBackWithoutFields, bytes, hasServerText: false)
            case .tooLarge(let size, let limit):
                return withheld(.size(bytes: size, limit: limit))
            }
        }
        if let data, data.changesResults, !result.isError,
            executed.resolved.pin?.violation(of: permitted.result, under: data) != nil
        {
            return mismatch("what the policy leaves of the result breaks its schema")
        }
        // Names and URIs carry their server at `/mcp`, but not at a server's own path.
        let shown = permitted.result.shown(
            in: version,
            routedBy: executed.call.server == nil ? executed.address.server : nil)
        return CheckedAnswer(
            state: result.isError ? .toolError : .ok,
            code: result.isError ? "upstream.tool_error" : "0", shown: .result(shown),
            result: bytes, cut: permitted.cut)
    }

    private func withheld(
        _ code: String, _ refusal: Refusal, _ bytes: [UInt8], hasServerText: Bool = true
    ) -> CheckedAnswer {
        CheckedAnswer(
            state: .withheld, code: code, shown: .refusal(refusal), result: bytes,
            hasServerText: hasServerText)
    }
}

/// A result under the obligations, not searched yet.
private struct PermittedResult {
    var result: OfferResult
    /// Is nil if the result is short enough.
    var cut: ResultCut?
}

extension ExecutedCall {
    /// Returns what the obligations leave of the result, to be cut if it is too long and the policy permits that. A
    /// result that lost fields is never cut, since its text would not be JSON any more.
    ///
    /// - Parameter bytes: the bytes of the upstream's result.
    fileprivate func permitted(
        _ result: OfferResult, _ bytes: [UInt8], _ version: ProtocolVersion
    ) throws(ObligationFailure) -> PermittedResult {
        let data = cleared.data
        let permitted =
            try data?.apply(
                to: result, read: call.method == .readResource ? resolved.request.routingName : nil)
            ?? result
        let changesResults = data?.changesResults ?? false
        let usual = call.host == nil ? DataObligations.defaultMaxBytes : nil
        guard let limit = data?.maxBytes ?? usual else { return PermittedResult(result: permitted) }
        // The parts of an unchanged result are no larger than the whole.
        if data?.maxBytes == nil, !changesResults, Int64(bytes.count) <= limit {
            return PermittedResult(result: permitted)
        }
        let size = permitted.byteCount
        if Int64(size) <= limit { return PermittedResult(result: permitted) }
        guard data?.overflow == .truncate, !changesResults,
            resolved.policy.servers[address.server]?.tools[address.tool]?.toolClass == .read,
            permitted.cut(to: limit, from: size) != nil
        else { throw .tooLarge(bytes: size, limit: limit) }
        return PermittedResult(
            result: permitted,
            cut: ResultCut(method: call.method, version: version, limit: limit, bytes: size))
    }
}

extension Caller {
    /// Returns whether the caller could declare one of these capabilities in its next request. A capability that it
    /// declared already was withheld by the policy, which no client can change.
    fileprivate func misses(_ required: JSONObject) -> Bool {
        let declared = capabilities
        return version.isModern && required.members.contains { declared[$0.key] == nil }
    }
}

extension JSONObject {
    /// Returns whether both results tell an agent the same. The error flag never changes, and members that no version
    /// knows carry no information; neither is compared.
    fileprivate func saysTheSame(as upstream: JSONObject) -> Bool {
        let told = [
            "content", "structuredContent", "_meta", "contents", "messages", "description",
            "completion",
        ]
        return told.allSatisfy { self[$0] == upstream[$0] }
    }
}

extension Refusal {
    /// The refusal of a result that an obligation on fields cannot be applied to.
    fileprivate static let keptBackWithoutFields = Refusal.upstream(
        "obligation", .executed,
        "the policy keeps the result back: it is not JSON, so its fields cannot be judged")

    /// The refusal of a result that exceeds the limit. The call was executed, so no time to retry is given.
    fileprivate static func tooManyBytes(_ exceeded: LimitExceeded) -> Refusal {
        .upstream(
            "result-bytes", .executed,
            "the call was executed; its result of \(exceeded.demand.amount) bytes is kept back, because the agent got \(exceeded.taken) of at most \(exceeded.demand.most) bytes of results in 24 hours"
        )
    }

    /// Returns the refusal of a call that may have been executed.
    fileprivate func ending(in outcome: UpstreamOutcome?) -> Refusal {
        var refusal = self
        refusal.outcome = outcome
        return refusal
    }

    static func upstream(_ reason: String, _ outcome: UpstreamOutcome, _ sentence: String)
        -> Refusal
    {
        Refusal(.upstreamFailed, "upstream", reason, sentence, outcome: outcome)
    }
}
