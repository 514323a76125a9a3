import InterlockModel

/// The condition under which a new generation of the store is opened. Until then nothing is appended, taken or renewed.
package enum GenerationGate {
    /// The last heartbeat of a node, as the store has it.
    package struct Report: Hashable, Sendable {
        package let node: NodeName
        package let isGone: Bool
        /// The generation in which the heartbeat was taken.
        package let generation: StoreGeneration
        /// The number of the newest entry that the node had applied.
        package let applied: Int64

        package init(
            node: NodeName, isGone: Bool, generation: StoreGeneration, applied: Int64
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
        case open
    }

    /// - Parameter head: the number of the store's newest entry; nil if it has none.
    package static func judge(
        _ generation: StoreGeneration, head: Int64?, reports: [Report]
    ) -> Verdict {
        let live = reports.filter { !$0.isGone }
        let silent = live.filter { $0.generation != generation }.map(\.node).sorted()
        guard silent.isEmpty else { return .wait(for: silent) }
        let head = head ?? -1
        // A node that is gone may have applied what no other has; its heartbeat says so, and its copy has it.
        let need = live.map(\.applied).max() ?? head
        guard need <= head else {
            let holders = live.filter { $0.applied > head }.map(\.node).sorted()
            return .behind(head: head, need: need, holders: holders)
        }
        return .open
    }
}
