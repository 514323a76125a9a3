package import InterlockModel

/// Where this node keeps the orders that it has taken, and where it finds those that came without it.
package protocol OrderStore: Sendable {
    /// Durable on return: the order's file, then the epoch that stands for all orders, signed by the
    /// node. After an error a halt still stands in memory; a release must not be applied.
    func keep(_ order: Envelope, id: OrderID, epoch: Epoch) throws(StoreFailure)

    /// A halt in the node's own name. Nothing is kept of it yet.
    ///
    /// - Parameter target: everything, or an agent or a run: a node's key may order no other.
    func ownHalt(_ reason: String, _ target: HaltTarget) throws(StoreFailure) -> Envelope

    /// What came since the last look by another way than `keep`, each thing once. Blocks for as long as
    /// the disk does; one caller at a time. What cannot be looked at is found as a fault, each time.
    ///
    /// - Parameter isKnown: whether an order with this digest of its statement was taken already.
    func look(isKnown: (Digest) -> Bool) -> [FoundOrderFile]

    /// Moves a file that must not stop the node again at the next start out of the way, as far as
    /// possible.
    func setAside(_ file: String)
}

/// What lies where orders are looked for.
package enum FoundOrderFile: Sendable, Equatable {
    /// Well formed, and not judged.
    case order(file: String, Envelope)
    /// It may hide a halt, or is one: the node stops.
    case fault(HaltFault)
}

/// Something that could hide a halt (specs of the kill switch, section 11).
package struct HaltFault: Hashable, Sendable {
    /// One line, lower case; also the reason of the halt.
    package let reason: String
    /// The file it is about, if there is one.
    package let file: String?

    package init(reason: String, file: String?) {
        self.reason = reason
        self.file = file
    }
}
