package import InterlockJSON
package import InterlockModel

/// How a refusal looks on the wire (specs of MCP, section 10). What does not apply is left out.
package struct RefusalResponse: Sendable {
    package let refusal: Refusal
    /// `dec_...`; nil where no decision was recorded.
    package let decisionID: String?
    /// What the caller may know beyond the sentence, for instance where the arguments are wrong.
    package let detail: String?

    package static let metaKey = "interlock/decision"

    package init(_ refusal: Refusal, decisionID: String?, detail: String? = nil) {
        self.refusal = refusal
        self.decisionID = decisionID
        self.detail = detail
    }

    /// For tools/call of a visible tool: a result with `isError`, so that the model can adapt.
    package var toolResult: JSONObject {
        var decision = data
        decision["code"] = .integer(Int64(refusal.kind.rawValue))
        return [
            "content": [["type": "text", "text": .string(text)]],
            "isError": true,
            "_meta": [Self.metaKey: .object(decision)],
        ]
    }

    /// For halted callers and for methods whose result has no `isError`.
    package var error: JSONRPCError {
        JSONRPCError(
            code: Int64(refusal.kind.rawValue), message: refusal.sentence, data: .object(data))
    }

    /// What the model reads: the sentence, and the rule where one decided.
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
