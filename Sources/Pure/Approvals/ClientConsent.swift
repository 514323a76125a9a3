import InterlockJSON
package import InterlockModel

/// What an MCP client said in the place of a person: that whoever uses it agrees. Nobody is identified by
/// it, so it is no vote and counts toward no quorum; where the configuration takes it, it stands for the one
/// approval of a call at tier low (specs of approvals, section 6).
package struct ClientConsent: Hashable, Sendable {
    package let at: Timestamp

    package init(at: Timestamp) { self.at = at }

    /// The `proof` of its record: whose word it is, and about what.
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
    /// Whether a client's consent can be enough: one approval at tier low, and nothing was lowered to it.
    package var takesConsent: Bool { tier == .low && asked == 1 }
}
