package import InterlockCluster
package import InterlockModel

/// A change at a node, for the parts of the program that act on it.
package enum NodeNotification: Sendable {
    /// An entry was applied; it is in the copy on disk. Entries come in the order of their numbers, each once.
    case applied(ChainEntry, EntryEffect)
    /// The row of a dropped use was passed.
    case passed(ChainHead)
    /// A halt is in force that the chain lacks; the node from which it came, or nil.
    case halted(HaltOrder, from: NodeName?)
    /// A peer has answered a halt that this node pushed.
    case delivered(halt: Digest, to: NodeName, isApplied: Bool)
    /// Too many halts wait for peers, so that this one was not pushed. The chain brings it to them.
    case notPushed(halt: Digest)

    /// The node acts in an incarnation.
    case joined(Incarnation)
    case lifecycle(NodeLifecycle.Action)
    /// The answer to a heartbeat; `ChangeHorizon` of the next one is kept here.
    case answered(HeartbeatAnswer)
    /// A heartbeat failed: what needs the store is refused, and the lease is not renewed.
    case unanswered(ClusterCallFailure)
    /// Another generation of the store has begun.
    case generation(StoreGeneration)
    /// The store had lost this many entries, which were put back from the copy of this node.
    case repaired(Int)
    /// The copy of this node lacks an entry that the store has lost too.
    case notRepaired(Int64)
    /// This node has expelled another one.
    case expelled(NodeName, Incarnation)

    /// The chain is not as nodes wrote it: the organisation is halted on this node.
    case broken(EntryFault)
    /// Another version wrote an entry: the node cannot pass it.
    case stopped(Int64, kind: String)
    /// The revision in force is not loaded on this node.
    case drain(Digest)
    /// Entries could not be written to the copy: they are not applied, and no lease is renewed.
    case notWritten(ChainCopyFailure)
    case notSigned(EntrySigningFailure)
    case peer(NodeName, isUp: Bool)
    /// A peer asked as a witness, and has another chain.
    case otherChain(NodeName, ChainHead)
}

/// Receives the changes at a node, one after the other in their order. Must not block.
package protocol NodeListener: Sendable {
    func receive(_ notification: NodeNotification)
}
