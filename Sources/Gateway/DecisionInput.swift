import InterlockJSON
import InterlockModel
import InterlockPolicy

/// The payload `in`: all that a decision rested on, and the decision, enough to decide again and
/// compare. Made for each call, so it goes straight to bytes.
struct DecisionInput {
    let agent: AgentName
    let address: ToolAddress
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
        writer.open("decision")
        decision.write(agent: agent.text, call: call, policy: policy, now: time, to: &writer)
        writer.close()
        writeFacts(to: &writer)
        writer.add("now", time)
        writer.add("purpose", orNull: purpose)
        writer.close()
        return writer.bytes
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
