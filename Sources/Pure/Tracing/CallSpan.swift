package import InterlockModel

/// One governed call as a span of a trace. It has names of the policy, codes and times of records: no arguments, no
/// results and no persons.
package struct CallSpan: Sendable, Hashable {
    package enum Verdict: String, Sendable { case allow, approve, deny }

    package enum Outcome: Sendable, Hashable {
        /// `st` and `code` of `call.outcome`; the code is `0` if nothing failed.
        case ended(status: String, code: String)
        case denied(code: String)
        /// Nothing tells whether the call took effect.
        case unknown(cause: String)
    }

    /// The call, as the record of its intent or of its refusal has it.
    package struct Facts: Sendable, Hashable {
        package let agent: String?
        /// Is nil if the record has no legal name: what an agent asked for is then in a payload.
        package let tool: ToolAddress?
        package let verdict: Verdict
        package let rule: String?
        package let policy: Digest?
        package let toolClass: String?
        /// The leaf hash of the intent.
        package let intent: Digest?
    }

    package let identity: SpanIdentity
    package let facts: Facts
    package let outcome: Outcome
    package let start: Timestamp
    /// Is never before `start`.
    package let end: Timestamp
    /// The leaf hash of the record that closed the call.
    package let leaf: Digest
}

/// The identifiers of a span, derived from those of records, so that a span is found from its call and the call
/// from its span.
package struct SpanIdentity: Sendable, Hashable {
    package let run: RunID?
    package let call: CallID
    /// 16 bytes, not all zero: the 128 bits of the run's id, or of the call's id if the call has no run.
    package let trace: [UInt8]
    /// 8 bytes, not all zero: the last 64 of the random bits of the call's id.
    package let span: [UInt8]

    /// - Returns: nil if one of them would be all zero, which the trace context of W3C forbids.
    package init?(run: RunID?, call: CallID) {
        let trace = run?.packed ?? call.packed
        let span = Array(call.packed.suffix(8))
        guard trace.contains(where: { $0 != 0 }), span.contains(where: { $0 != 0 }) else {
            return nil
        }
        self.run = run
        self.call = call
        self.trace = trace
        self.span = span
    }
}
