package import InterlockModel

/// The condition under which a new generation of the store is opened, and under which it closes again. While it is closed
/// nothing is appended, taken or renewed.
package enum GenerationGate {
    /// The last heartbeat of a node, as the store has it.
    package struct Report: Hashable, Sendable {
        package let node: NodeName
        package let isGone: Bool
        /// The generation in which the heartbeat was taken.
        package let generation: StoreGeneration
        /// The newest entry that the node had applied; nil before its first heartbeat.
        package let applied: ChainHead?

        package init(
            node: NodeName, isGone: Bool, generation: StoreGeneration, applied: ChainHead?
        ) {
            self.node = node
            self.isGone = isGone
            self.generation = generation
            self.applied = applied
        }
    }

    package enum Verdict: Hashable, Sendable {
        /// These nodes have sent no heartbeat in this generation, and are not gone. Silent ones are expelled meanwhile.
        case wait(for: [NodeName])
        /// Commits were lost: these nodes have applied more than the store has, and put it back.
        case behind(head: Int64, need: Int64, holders: [NodeName])
        /// The store has another entry than these nodes with the number of their newest one. Nothing opens it but people.
        case forked([NodeName])
        case open
    }

    /// - Parameters:
    ///   - head: the number of the store's newest entry; nil if it has none.
    ///   - digest: returns the store's digest of an entry; nil if it has none of that number.
    package static func judge(
        _ generation: StoreGeneration, head: Int64?, reports: [Report],
        digest: (Int64) -> Digest?
    ) -> Verdict {
        let live = reports.filter { !$0.isGone }
        let silent = live.filter { $0.generation != generation }.map(\.node).sorted()
        guard silent.isEmpty else { return .wait(for: silent) }
        let head = head ?? -1
        let unknown = live.filter { $0.applied.map { isUnknown($0, digest: digest) } ?? false }
        let forked = unknown.filter { $0.applied.map { $0.number <= head } ?? false }
        guard forked.isEmpty else { return .forked(forked.map(\.node).sorted()) }
        // A node that is gone may have applied what no other has. Its next heartbeat closes the generation then.
        if let need = unknown.compactMap(\.applied?.number).max() {
            return .behind(head: head, need: need, holders: unknown.map(\.node).sorted())
        }
        return .open
    }

    /// Returns true if the chain of the store has not the newest entry of a node. A heartbeat with such an entry closes the
    /// generation, in the transaction that takes it: the node was gone when it was opened, or joined from an old copy.
    package static func isUnknown(
        _ applied: ChainHead, digest: (Int64) -> Digest?
    ) -> Bool { digest(applied.number) != applied.digest }
}
