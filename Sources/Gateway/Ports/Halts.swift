package import InterlockModel

/// Storage of the orders that this node has taken, and discovery of orders that arrived as files.
package protocol OrderStore: Sendable {
    /// Writes the order's file, then the epoch that covers all orders, signed by the node; durable on return. After an
    /// error a halt stays in force in memory; a release must not be applied.
    func keep(_ order: Envelope, id: OrderID, epoch: Epoch) throws(StoreFailure)

    /// Makes a halt that the node itself signs; writes nothing.
    ///
    /// - Parameter target: everything, or an agent or a run: a node's key may order nothing else.
    func ownHalt(_ reason: String, _ target: HaltTarget) throws(StoreFailure) -> Envelope

    /// Returns what arrived since the last call by another way than `keep`, each item once. Blocks for as long as the
    /// disk does; callers must not overlap. Anything that cannot be read is reported as a fault on each call.
    ///
    /// - Parameter isKnown: whether an order with this digest of its statement was taken already.
    func look(isKnown: (Digest) -> Bool) -> [FoundOrderFile]

    /// Moves away a file that must not stop the node again at the next start, as far as possible.
    func setAside(_ file: String)
}

/// An item found where orders are looked for.
package enum FoundOrderFile: Sendable, Equatable {
    /// A well-formed order whose signatures are not verified yet.
    case order(file: String, Envelope)
    /// An item that is a halt or could hide one: the node stops.
    case fault(HaltFault)
}

/// A condition that could hide a halt (docs/specs/kill-switch.md, section 11).
package struct HaltFault: Hashable, Sendable {
    /// One line, lower case; also the reason of the halt.
    package let reason: String
    /// The file concerned, if there is one.
    package let file: String?

    package init(reason: String, file: String?) {
        self.reason = reason
        self.file = file
    }
}

/// The halts of the cluster of which this node is a member. Absent on one node.
package protocol ClusterHalts: Sendable {
    /// The epoch that releases name: the number of the newest entry that is a halt or a release.
    var epoch: Int64 { get }

    /// Gives a halt that this node has put in force to all nodes: it is pushed to them and appended to the chain. Waits
    /// for nothing. The same halt may come any number of times.
    func share(_ halt: Envelope)

    /// Applies the entries that this node lacks. Returns also if that fails.
    func catchUp() async

    /// - Throws: if the nodes would not take the release now.
    func check(_ release: ReleaseOrder) throws(OrderRefusal)

    /// Appends a release that all its people have signed, and returns its entry once this node has applied it.
    ///
    /// - Throws: if it is not known to be applied, or has no effect. The halts then stay in force here.
    func release(
        _ release: ReleaseOrder, _ envelope: Envelope
    ) async throws(OrderRefusal) -> ChainReference

    /// Returns the entry of a halt in force; nil if the chain has none yet, as of a halt that has just arrived here.
    func entry(of halt: Envelope) -> ChainReference?
}

/// A release that the chain has taken.
package struct ChainedRelease: Sendable {
    package let envelope: Envelope
    package let entry: ChainReference

    package init(envelope: Envelope, entry: ChainReference) {
        self.envelope = envelope
        self.entry = entry
    }
}
