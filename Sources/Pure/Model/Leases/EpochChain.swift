/// The epochs that a node receives from other nodes (docs/specs/kill-switch.md, sections 3 and 5).
///
/// INVARIANT: no received epoch ever removes a halt by itself; only orders do that.
package struct EpochChain: Sendable {
    package enum Finding: Sendable, Equatable {
        /// The epoch is already known or older.
        case known
        /// The epoch follows the newest one; its orders must be fetched and verified.
        case next
        /// Epochs between this one and the newest are missing and must be fetched first.
        case gap(missing: ClosedRange<Int64>)
        /// Two epochs have the same number, or the epoch's `prev` names another predecessor; the node stops.
        case forked(Int64)
        /// The store returned an older epoch than a peer did. The newer one is kept, and `kill.rollback` is reported.
        case storeRolledBack(to: Int64)
    }

    private var digests: [Int64: Digest] = [:]
    package private(set) var newest: Int64

    /// - Parameter digest: the digest of the statement of epoch `number`.
    package init(number: Int64, digest: Digest) {
        newest = number
        digests[number] = digest
    }

    package func digest(of number: Int64) -> Digest? { digests[number] }

    /// - Parameters:
    ///   - epoch: an epoch of this organisation, signed by a registered node.
    ///   - digest: the digest of its statement.
    package mutating func hear(_ epoch: Epoch, digest: Digest) -> Finding {
        if let held = digests[epoch.number] {
            return held == digest ? .known : .forked(epoch.number)
        }
        if epoch.number < newest { return .known }
        guard epoch.number == newest + 1 else {
            return .gap(missing: newest + 1...epoch.number - 1)
        }
        guard epoch.previous == digests[newest] else { return .forked(epoch.number) }
        newest = epoch.number
        digests[epoch.number] = digest
        return .next
    }

    /// Compares the number that the store returns as its newest with the newest known epoch.
    package func compare(store number: Int64) -> Finding {
        number < newest ? .storeRolledBack(to: number) : .known
    }
}
