package import InterlockJSON
package import InterlockModel

/// The form of a refusal on the wire (docs/specs/mcp.md, section 10). Members that do not apply are omitted.
package struct RefusalResponse: Sendable {
    package let refusal: Refusal
    /// The decision id, `dec_...`, or nil if no decision was recorded.
    package let decisionID: String?
    /// Further information for the caller, for instance the position of an error in the arguments.
    package let detail: String?

    package static let metaKey = "interlock/decision"

    package init(_ refusal: Refusal, decisionID: String?, detail: String? = nil) {
        self.refusal = refusal
        self.decisionID = decisionID
        self.detail = detail
    }

    /// The form for tools/call of a visible tool: a result with `isError`, so that the model can adapt.
    package var toolResult: JSONObject {
        var decision = data
        decision["code"] = .integer(Int64(refusal.kind.rawValue))
        return [
            "content": [["type": "text", "text": .string(text)]],
            "isError": true,
            "_meta": [Self.metaKey: .object(decision)],
        ]
    }

    /// The form for halted callers and for methods whose result has no `isError`.
    package var error: JSONRPCError {
        JSONRPCError(
            code: Int64(refusal.kind.rawValue), message: refusal.sentence, data: .object(data))
    }

    /// The text for the model: the sentence, the rule if one decided, and the detail.
    package var text: String {
        let rule = refusal.rule == refusal.reason ? "" : " (rule \(refusal.rule))"
        return refusal.sentence + rule + (detail.map { ": " + $0 } ?? "")
    }

    private var data: JSONObject {
        var object: JSONObject = [
            "reason": .string(refusal.reason), "ruleId": .string(refusal.rule),
        ]
        object["decisionId"] = decisionID.map(JSONValue.string)
        object["retryAfterMs"] = refusal.retryAfterMilliseconds.map { .integer(Int64($0)) }
        object["limit"] = refusal.limit.map(JSONValue.string)
        object["approvalId"] = refusal.approval.map { .string($0.shown) }
        object["outcome"] = refusal.outcome.map { .string($0.rawValue) }
        object["detail"] = detail.map(JSONValue.string)
        return object
    }
}
