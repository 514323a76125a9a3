import InterlockJSON
import InterlockModel
import InterlockPolicy

/// The payload `in`: all that a decision rested on, and the decision, enough to decide again and
/// compare. Made for each call, so it goes straight to bytes; the form is that of `Decision.json`.
struct DecisionInput {
    let agent: AgentName
    let address: ToolAddress
    let arguments: JSONValue
    let purpose: String?
    let decision: Decision
    let facts: DecisionFacts
    let policy: Digest
    let now: Timestamp

    /// Most inputs are shorter. The array then has 1,024 bytes, up to which malloc keeps blocks at hand
    /// for each thread.
    private static let expectedBytes = 992

    func serialized() -> [UInt8] {
        let time = now.rfc3339(fractionDigits: 3)
        let call = address.description
        var writer = JSONObjectWriter(capacityBytes: Self.expectedBytes)
        writer.open()
        writer.add("agent", agent.text)
        writer.add("call", call)
        if decision.isPlain {
            write(time, call, to: &writer)
        } else {
            let request = DecisionRequest(agent: agent, address: address, arguments: arguments)
            writer.add("decision", decision.json(for: request, policy: policy, now: now))
        }
        writeFacts(to: &writer)
        writer.add("now", time)
        writer.add("purpose", orNull: purpose)
        writer.close()
        return writer.bytes
    }

    /// A plain decision, member by member as `Decision.json` has them.
    private func write(_ time: String, _ call: String, to writer: inout JSONObjectWriter) {
        writer.open("decision")
        writer.add("agent", agent.text)
        writer.add("call", call)
        writer.add("policy", policy.prefixed)
        writer.add("stage", decision.stage.rawValue)
        writer.add("now", time)
        let isApproval = decision.verdict != .deny && decision.quorum > 0
        writer.add(
            "verdict", decision.verdict == .deny ? "deny" : isApproval ? "approve" : "allow")
        if decision.quorum > 0 { writer.add("quorum", Int64(decision.quorum)) }
        if let group = decision.group { writer.add("group", group) }
        writer.add("reason", decision.reason.rawValue)
        writer.add("rule", decision.rule)
        if let place = decision.place { writer.add("at", place.description) }
        if let detail = decision.detail { writer.add("detail", detail) }
        if let wouldBe = decision.wouldBe { writer.add("would_be", wouldBe.description) }
        writer.add("effects", texts: decision.effects.effects.lazy.map(\.name))
        writer.open("obligations")
        writer.add("audit", "all_tool_calls")
        writer.add("egress", texts: decision.egress)
        writer.close()
        writer.add("reserve", .array(decision.reserve.map(\.json)))
        writer.add("guards", .array([]))
        writer.close()
    }

    /// All facts, so that the decision replays; a payload, never part of a leaf.
    private func writeFacts(to writer: inout JSONObjectWriter) {
        writer.open("facts")
        writer.add("halted", orNull: facts.halted?.text)
        writer.add("quarantined", facts.quarantined)
        writer.add("stage", facts.effectiveStage.rawValue)
        writer.add("purpose_declared", facts.purposeDeclared)
        writer.add("on_behalf_of", orNull: facts.onBehalfOf?.address)
        writer.add("tainted", facts.tainted)
        writer.add("sandboxed", facts.sandboxed)
        let elevations = facts.elevations?.elevations(for: agent) ?? []
        writer.add("elevations", .array(elevations.map(\.json)))
        writer.close()
    }
}

extension Decision {
    /// Whether no guard was asked and nothing has to be done to data: how those are written is known
    /// to the policy alone.
    fileprivate var isPlain: Bool { guards.isEmpty && data == nil }
}
