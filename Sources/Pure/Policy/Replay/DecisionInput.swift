import InterlockJSON
package import InterlockModel
import InterlockSafety

/// The payload `in`: everything that a decision depended on, and the decision, which suffices to decide
/// again and compare (`RecordedDecision` parses it). It is in RFC 8785 form; because one is made for each
/// call, it is written directly as bytes.
package struct DecisionInput: Sendable {
    package let agent: AgentName
    package let address: ToolAddress
    /// The argument to complete, see `DecisionRequest`. It is written only if it is not nil.
    package let completes: String?
    package let purpose: String?
    package let decision: Decision
    package let facts: DecisionFacts
    package let policy: Digest
    package let basis: PolicyBasis
    package let now: Timestamp

    package init(
        agent: AgentName, address: ToolAddress, completes: String? = nil, purpose: String?,
        decision: Decision, facts: DecisionFacts, policy: Digest, basis: PolicyBasis, now: Timestamp
    ) {
        self.completes = completes
        self.agent = agent
        self.address = address
        self.purpose = purpose
        self.decision = decision
        self.facts = facts
        self.policy = policy
        self.basis = basis
        self.now = now
    }

    /// A capacity that most inputs do not exceed. With its head, the array stays among the sizes that
    /// malloc has at hand.
    private static let expectedBytes = 1248

    package func serialized() -> [UInt8] {
        let time = now.rfc3339(fractionDigits: 3)
        let call = address.description
        var writer = JSONObjectWriter(capacityBytes: Self.expectedBytes)
        writer.open()
        writer.add("agent", agent.text)
        writer.add("call", call)
        writer.open("compiled")
        writer.add("at", basis.compiledText)
        writer.add("bundle", orNull: basis.bundleText)
        writer.add("tzdata", basis.zones)
        writer.close()
        if let completes { writer.add("completes", completes) }
        writer.open("decision")
        decision.write(agent: agent.text, call: call, policy: policy, now: time, to: &writer)
        writer.close()
        writeFacts(to: &writer)
        writer.add("now", time)
        writer.add("purpose", orNull: purpose)
        writer.close()
        return writer.bytes
    }

    /// Writes all facts, so that the decision can be replayed. They belong to a payload, never to a leaf.
    private func writeFacts(to writer: inout JSONObjectWriter) {
        writer.open("facts")
        if let alarm = facts.alarm { writer.add("alarm", alarm.rawValue) }
        if let arguments = facts.arguments { writer.add("arguments", arguments.rawValue) }
        if let breaker = facts.breaker { writer.add("breaker", breaker.rawValue) }
        if !facts.classes.isEmpty { writer.add("classes", texts: facts.classes.names) }
        if facts.counters?.isEmpty == true {
            writer.open("counters")
            writer.close()
        } else if let counters = facts.counters {
            writer.add(
                "counters",
                canonical: .object(JSONObject(distinct: counters.map { ($0, .integer($1)) })))
        } else {
            writer.add("counters", JSONValue.null)
        }
        let elevations = facts.elevations?.elevations(for: agent) ?? []
        if elevations.isEmpty {
            writer.add("elevations", JSONValue.array([]))
        } else {
            writer.add("elevations", canonical: .array(elevations.map(\.json)))
        }
        if facts.eval != .passed { writer.add("eval", facts.eval.rawValue) }
        writer.add("halted", orNull: facts.halted?.text)
        if let label = facts.label { writer.add("label", label.rawValue) }
        writer.add("on_behalf_of", orNull: facts.onBehalfOf?.address)
        writer.add("purpose_declared", facts.purposeDeclared)
        writer.add("quarantined", facts.quarantined)
        writer.add("quota", facts.quotaPercent)
        if facts.review != .byPolicy { writer.add("review", facts.review.rawValue) }
        writer.add("sandboxed", facts.sandboxed)
        if let channel = facts.sideChannel { writer.add("side_channel", channel.rawValue) }
        writer.add("stage", facts.effectiveStage.rawValue)
        writer.add("tainted", facts.tainted)
        if let task = facts.task { writer.add("task", task.text) }
        if facts.unmarked { writer.add("unmarked", true) }
        writer.close()
    }
}
