/// The epochs that a node hears of from others (specs of the kill switch, sections 3 and 5).
///
/// INVARIANT: no epoch that is heard of ever takes a halt away by itself; only orders do that.
package struct EpochChain: Sendable {
    package enum Finding: Sendable, Equatable {
        /// Known already, or older.
        case known
        /// Follows the newest: its orders are to be fetched and judged.
        case next
        /// Numbers lie between: those epochs are to be fetched first.
        case gap(missing: ClosedRange<Int64>)
        /// Two epochs with one number, or one whose `prev` is another's: the node stops.
        case forked(Int64)
        /// A peer has a higher one than the store returns: taken, and told of (`kill.rollback`).
        case storeRolledBack(to: Int64)
    }

    private var digests: [Int64: Digest] = [:]
    package private(set) var newest: Int64

    /// - Parameter digest: of the statement of epoch `number`.
    package init(number: Int64, digest: Digest) {
        newest = number
        digests[number] = digest
    }

    package func digest(of number: Int64) -> Digest? { digests[number] }

    /// - Parameters:
    ///   - epoch: signed by a registered node, for this organisation.
    ///   - digest: of its statement.
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

    /// What the store says is the newest, when a peer was heard of before.
    package func compare(store number: Int64) -> Finding {
        number < newest ? .storeRolledBack(to: number) : .known
    }
}
