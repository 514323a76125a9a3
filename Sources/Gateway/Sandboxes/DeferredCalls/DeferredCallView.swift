package import InterlockGovernor
package import InterlockJSON
package import InterlockModel

/// The call that a run waits for, as its supervisor sees it (docs/specs/coding-agents.md, section 8).
package struct DeferredCallView: Sendable, Hashable {
    package let approval: ApprovalID
    /// `server.tool`; nil if the gateway was started anew since.
    package let tool: String?
    package let decision: DeferredDecision
    /// The time until the request expires; zero once it has.
    package let left: Duration

    package init(
        _ approval: ApprovalID, tool: String?, _ decision: DeferredDecision, left: Duration
    ) {
        self.approval = approval
        self.tool = tool
        self.decision = decision
        self.left = left
    }

    /// The longest life of a request is a week.
    private static let most: Int64 = 8 * 86_400

    package init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, required: ["approval", "decision", "left"], optional: ["tool"])
        self.init(
            try fields.made("approval", "a request") { ApprovalID(shown: $0) },
            tool: fields.has("tool") ? try fields.string("tool", length: 1...512) : nil,
            try fields.made("decision", "a decision", DeferredDecision.init),
            left: .seconds(try fields.integer("left", in: 0...Self.most)))
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "approval": .string(approval.shown), "decision": .string(decision.rawValue),
            "left": .integer(min(max(0, left.components.seconds), Self.most)),
        ]
        object["tool"] = tool.map(JSONValue.string)
        return .object(object)
    }
}
