import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy

extension Invariants {
    /// A policy bundle has one spelling, a recorded decision is bounded, and no bytes are both. The recorded context of
    /// a call is bounded for any input.
    package static func decision(_ bytes: [UInt8]) {
        let decision = try? RecordedDecision(parsing: bytes)
        if let decision {
            precondition(bytes.count <= RecordedDecision.largestBytes, "a record is bounded")
            precondition(decision.now.microseconds % 1000 == 0, "decided at a whole millisecond")
            precondition(
                decision.request([:]).agent == decision.agent, "it is asked about its own agent")
        }
        let bundle = try? PolicyBundle(parsing: bytes)
        if let bundle {
            precondition(bundle.bytes == bytes, "a bundle has one spelling")
        }
        precondition(decision == nil || bundle == nil, "no bytes are two things")
        guard let value = try? JSONValue(parsing: bytes, limits: .agent) else { return }
        if let context = CallContext(value) {
            precondition(
                context.bytes?.count ?? context.sizeBytes == context.sizeBytes, "its size is told")
            precondition(
                (context.bytes == nil) == (context.sizeBytes > CallContext.largestBytes),
                "what is too large is left away, nothing else")
        }
        if let summary = value.object.flatMap(DecisionSummary.init(leaf:)) {
            let again = DecisionSummary(leaf: JSONObject(distinct: summary.fields))
            precondition(again == summary, "a summary is read back")
        }
    }
}
