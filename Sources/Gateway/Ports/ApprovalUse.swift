package import InterlockJSON
package import InterlockModel

/// The call for which a grant is used: the member `use` in the body of `use` and `useAgain`. A store whose uses are
/// entries of a chain signs it; another one keeps it as it is.
package struct ApprovalUse: Hashable, Sendable {
    /// The digest of the call that is to be sent.
    package let call: Digest
    /// The leaf of the call's intent in the log of this node.
    package let intent: Digest

    package init(call: Digest, intent: Digest) {
        self.call = call
        self.intent = intent
    }

    package static let member = "use"

    package var json: JSONValue {
        ["call": .string(call.prefixed), "intent": .string(intent.prefixed)]
    }

    /// - Parameter body: the whole body of a change.
    /// - Returns: nil if the body names no use.
    package init?(of body: JSONValue) {
        let use = body[Self.member]
        guard let call = use?["call"]?.string.flatMap({ Digest(prefixed: $0) }),
            let intent = use?["intent"]?.string.flatMap({ Digest(prefixed: $0) })
        else { return nil }
        self.init(call: call, intent: intent)
    }
}
