import InterlockJSON
package import InterlockModel

/// An MCP client's statement that its user agrees. It identifies no person, so it is not a vote and counts toward no
/// quorum; if the configuration accepts it, it replaces the one approval of a call at tier low
/// (docs/specs/approvals.md, section 6).
///
/// INVARIANT: a client's statement counts as one approval at tier low, about the form it was asked about, if the
/// configuration permits it. Kept by `ClientConsentTests`, `WaitingCallTests`, `test_waiting_clients.py`.
package struct ClientConsent: Hashable, Sendable {
    package let at: Timestamp

    /// The `proof` of its record: names the client as the source, and the call and review it is about.
    package func proof(of request: ApprovalRequest) -> [UInt8] {
        let json: JSONValue = [
            "v": 1, "type": "consent", "asserted_by": "client", "request": .string(request.id.text),
            "call": .string(request.callDigest.prefixed), "bind": .string(request.bind.base64),
            "at": .integer(at.microseconds),
        ]
        return json.serialized()
    }
}

extension ReviewedDecision {
    /// Is true if a client's consent can suffice: the policy requires one approval, at tier low.
    package var takesConsent: Bool { tier == .low && asked == 1 }
}
