package import InterlockJSON
package import InterlockModel

extension Decision {
    /// The decision's value as records and `interlock policy explain` show it (4.5), straight to bytes:
    /// one is written for each call. The object itself is the caller's to open and close.
    ///
    /// - Parameter now: RFC 3339 with three digits of fraction.
    package func write(
        agent: String, call: String, policy: Digest, now: String,
        to writer: inout JSONObjectWriter
    ) {
        writer.add("agent", agent)
        writer.add("call", call)
        writer.add("policy", policy.prefixed)
        writer.add("stage", stage.rawValue)
        writer.add("now", now)
        writer.add("verdict", verdict == .deny ? "deny" : quorum > 0 ? "approve" : "allow")
        if quorum > 0 { writer.add("quorum", Int64(quorum)) }
        if let group { writer.add("group", group) }
        writer.add("reason", reason.rawValue)
        writer.add("rule", rule)
        if let place { writer.add("at", place.description) }
        if let detail { writer.add("detail", detail) }
        if let wouldBe { writer.add("would_be", wouldBe.description) }
        writer.add("effects", texts: effects.effects.lazy.map(\.name))
        // All that a permit binds to; what concerns data stands beside `audit` and `egress`.
        writer.open("obligations")
        writer.add("audit", "all_tool_calls")
        writer.add("egress", texts: egress)
        for (name, value) in data?.json.members ?? [] { writer.add(name, value) }
        writer.close()
        writer.add("reserve", .array(reserve.map(\.json)))
        writer.add("guards", .array(guards.map(\.json)))
    }

    /// The value alone.
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
