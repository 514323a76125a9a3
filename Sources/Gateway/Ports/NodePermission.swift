package import InterlockJSON
package import InterlockModel

/// The node of a cluster that this gateway is: each call asks it what may be done now (docs/specs/cluster.md, section 5).
/// Absent on one node, which asks no other.
///
/// Any thread may call it; it takes a lock for a short time and waits for nothing.
package protocol NodePermission: Sendable {
    /// Returns the reason why nothing of this kind may begin now; nil if it may.
    func refusal(of action: NodeAction) -> NodeRefusal?

    /// Returns the reason why this call may not be sent now, by the node itself and by the entries that it has applied;
    /// nil if it may.
    func refusal(of call: NodeCall) -> NodeRefusal?

    /// Judges a call once more whose grant was used, directly before it is sent: all entries until its use are applied,
    /// the use is this node's own for this call, and nothing that came since forbids it.
    ///
    /// - Returns: nil if the call may be sent, once.
    func refusal(of call: NodeCall, using use: ApprovalUseEntry) -> NodeRefusal?

    /// The newest entry that the node has applied, as records name it (`ctl`).
    var reference: ChainReference { get }

    /// Returns the newest entry that the node has applied, if the revision in force at it is that of this policy; nil if it
    /// is another one, so that no record names an entry and a policy that do not belong together.
    func reference(under policy: Digest) -> ChainReference?
}

/// The kinds of what a node does, by the lease that each needs.
package enum NodeAction: Hashable, Sendable, CaseIterable {
    /// Reads at tier low, and all that sends nothing to a server.
    case read
    /// Every other call.
    case consequential
}

/// A call as the entries of the chain see it.
package struct NodeCall: Hashable, Sendable {
    package let action: NodeAction
    package let agent: AgentName
    /// The owner of the agent; nil if the policy names none. Then the call may not be sent.
    package let owner: Pseudonym?
    package let run: RunID
    /// The id of the credential (`jti`).
    package let credential: ExactText
    package let tool: ToolAddress
    /// The revision under which the call was decided.
    package let revision: Digest

    package init(
        action: NodeAction, agent: AgentName, owner: Pseudonym?, run: RunID,
        credential: ExactText, tool: ToolAddress, revision: Digest
    ) {
        self.action = action
        self.agent = agent
        self.owner = owner
        self.run = run
        self.credential = credential
        self.tool = tool
        self.revision = revision
    }
}

/// The reason why a node does not permit something now.
package enum NodeRefusal: Hashable, Sendable {
    /// No heartbeat permits it any more: the store was not reached for too long.
    case lease
    /// The wall clock of the node is off by more than a second.
    case clock
    /// The node is no member, or was expelled and has not joined again.
    case membership
    /// The node has not applied all entries, or has not loaded the revision in force.
    case behind
    /// The chain is not as nodes wrote it: the organisation is halted on this node.
    case chain
    /// The grant was not used by this node for this call, or its request has ended.
    case use

    case halted(OrderID)
    case runEnded
    case credentialEnded
    case runPaused
    case quarantined
    /// The revision in force is another one than that of the decision.
    case otherRevision
}

/// An entry of the chain, as records refer to it.
package struct ChainReference: Hashable, Sendable {
    /// The number of the entry, from 0.
    package let number: Int64
    package let digest: Digest

    package init(number: Int64, digest: Digest) {
        self.number = number
        self.digest = digest
    }

    /// The member `ctl` of records (docs/specs/cluster.md, section 7).
    package var json: JSONValue {
        ["digest": .string(digest.base64), "n": .integer(number)]
    }
}

extension JSONObject {
    /// Names an entry of the control chain in the fields of a record. Changes nothing if there is none, as on one node.
    package mutating func name(_ entry: ChainReference?) {
        if let entry { self["ctl"] = entry.json }
    }
}

/// The entry by which a node of a cluster used a grant.
package struct ApprovalUseEntry: Hashable, Sendable {
    package let request: ApprovalID
    /// The number of the use of its request, from 1.
    package let number: Int64
    package let use: ApprovalUse
    package let entry: ChainReference
    /// The incarnation in which the node asked for the use.
    package let incarnation: Int64
    /// The logs that have the records of votes, by the leaf hashes of these. A vote that it lacks is in the log of this
    /// node.
    package let origins: [Digest: ExactText]

    package init(
        request: ApprovalID, number: Int64, use: ApprovalUse, entry: ChainReference,
        incarnation: Int64, origins: [Digest: ExactText] = [:]
    ) {
        self.request = request
        self.number = number
        self.use = use
        self.entry = entry
        self.incarnation = incarnation
        self.origins = origins
    }
}
