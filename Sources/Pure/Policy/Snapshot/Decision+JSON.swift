package import InterlockJSON
package import InterlockModel

extension Decision {
    /// Writes the value of the decision as records and `interlock policy explain` show it
    /// (docs/specs/policy.md, section 4.5), directly as bytes because one is written for each call. Members
    /// are in RFC 8785 order; the caller opens and closes the object.
    ///
    /// - Parameter now: RFC 3339 with three digits of fraction.
    package func write(
        agent: String, call: String, policy: Digest, now: String, to writer: inout JSONObjectWriter
    ) {
        writer.add("agent", agent)
        if let place { writer.add("at", place.description) }
        writer.add("call", call)
        if let detail { writer.add("detail", detail) }
        writer.add("effects", texts: effects.names)
        if let group { writer.add("group", group) }
        writer.add("guards", .array(guards.map(\.json)))
        writer.add("now", now)
        writeObligations(to: &writer)
        writer.add("policy", policy.prefixed)
        if quorum > 0 { writer.add("quorum", Int64(quorum)) }
        writer.add("reason", reason.rawValue)
        writer.add("reserve", .array(reserve.map(\.json)))
        writer.add("rule", rule)
        writer.add("stage", stage.rawValue)
        writer.add("verdict", verdict == .deny ? "deny" : quorum > 0 ? "approve" : "allow")
        if let wouldBe { writer.add("would_be", wouldBe.description) }
    }

    /// Writes everything that a permit binds to. The obligations on data are next to `audit` and `egress`.
    private func writeObligations(to writer: inout JSONObjectWriter) {
        guard var obligations = data?.json else {
            writer.open("obligations")
            writer.add("audit", "all_tool_calls")
            writer.add("egress", texts: egress)
            return writer.close()
        }
        obligations["audit"] = "all_tool_calls"
        obligations["egress"] = .array(egress.map(JSONValue.string))
        writer.add("obligations", canonical: .object(obligations))
    }

    /// The value as a whole object.
    package func serialized(
        for request: DecisionRequest, policy: Digest, now: Timestamp
    ) -> [UInt8] {
        var writer = JSONObjectWriter(capacityBytes: 512)
        writer.open()
        write(
            agent: request.agent.text, call: request.address.description, policy: policy,
            now: now.rfc3339(fractionDigits: 3), to: &writer)
        writer.close()
        return writer.bytes
    }
}
