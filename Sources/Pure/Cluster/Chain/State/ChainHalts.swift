package import InterlockModel

/// The halts of the chain: which are in force, which were released, and at which entry each came. The epoch is the
/// number of the newest entry that is a halt or a release.
///
/// A halt is known by the digest of its statement. Two of one id both count, since a person who chose the id of another
/// halt would keep that one out otherwise.
package struct ChainHalts: Sendable, Equatable {
    private struct Halt: Sendable, Equatable {
        let order: HaltOrder
        /// The number of its entry.
        let number: Int64
    }

    /// Is 0 before the first halt.
    package private(set) var epoch: Int64 = 0
    /// The halts in force by the digests of their statements.
    private var halts: [Digest: Halt] = [:]
    /// The statements of halts that were released. They stay here, so that one that comes again changes nothing.
    private var released: Set<Digest> = []
    /// One halt of each id, by target, for the checks of calls.
    private var first = HaltSet()
    /// The halts whose ids other ones had before them, each by itself.
    private var others: [Digest: HaltSet] = [:]

    package init() {}

    /// The halts in force, in the order of their entries.
    package var active: [HaltOrder] {
        halts.values.sorted { $0.number < $1.number }.map(\.order)
    }

    /// Returns the halt that stops a call, or nil if no halt does; see `HaltSet.match`.
    package func match(
        agent: AgentName?, owner: Pseudonym?, server: ServerName?, tool: ToolAddress?, run: RunID?
    ) -> HaltOrder? {
        if let halt = first.match(agent: agent, owner: owner, server: server, tool: tool, run: run)
        {
            return halt
        }
        guard !others.isEmpty else { return nil }
        return others.values.compactMap {
            $0.match(agent: agent, owner: owner, server: server, tool: tool, run: run)
        }.min { $0.id.text < $1.id.text }
    }

    /// Returns true if a halt of this id was released and none of it is in force.
    package func isReleased(_ id: OrderID) -> Bool {
        first.released.contains(id) && !isActive(id)
    }

    /// Returns true if the chain has a halt, by the digest of its statement, whether or not it was released since.
    package func has(_ statement: Digest) -> Bool {
        halts[statement] != nil || released.contains(statement)
    }

    /// Returns the number of the entry of a halt in force, by the digest of its statement.
    package func number(of statement: Digest) -> Int64? { halts[statement]?.number }

    private func isActive(_ id: OrderID) -> Bool { halts.values.contains { $0.order.id == id } }

    /// - Parameter statement: the digest of the halt's statement.
    /// - Returns: false if the halt was known, or was released before it came.
    mutating func apply(_ halt: AcceptedHalt, _ statement: Digest, at number: Int64) -> Bool {
        epoch = number
        guard halts[statement] == nil, !released.contains(statement) else { return false }
        halts[statement] = Halt(order: halt.order, number: number)
        if !first.apply(halt) {
            var own = HaltSet()
            own.apply(halt)
            others[statement] = own
        }
        return true
    }

    /// Ends each halt of the named ids.
    ///
    /// - Returns: the reason why the release ends nothing, or nil if it was applied.
    mutating func apply(_ release: AcceptedRelease, at number: Int64) -> OrderRefusal? {
        if let refusal = refusal(of: release.order) { return refusal }
        epoch = number
        let named = Set(release.order.halts)
        for (statement, halt) in halts where named.contains(halt.order.id) {
            halts[statement] = nil
            others[statement] = nil
            released.insert(statement)
        }
        first.apply(release)
        return nil
    }

    /// A release ends only halts that its signers saw: all that it names must be known, and no halt that it names or whose
    /// scope overlaps may have come after the epoch that was signed. An id alone does not say which halt they saw.
    package func refusal(of release: ReleaseOrder) -> OrderRefusal? {
        let named = Set(release.halts)
        let targets = halts.values.filter { named.contains($0.order.id) }.map(\.order.target)
        for id in release.halts {
            guard isActive(id) || first.released.contains(id) else { return .unknownHalt(id) }
        }
        guard release.afterEpoch <= epoch else { return .staleEpoch }
        for halt in halts.values where halt.number > release.afterEpoch {
            if named.contains(halt.order.id) { return .staleEpoch }
            if targets.contains(where: { $0.mayOverlap(halt.order.target) }) { return .staleEpoch }
        }
        return nil
    }

    /// The statements of the halts in force with the numbers of their entries, in the order of these.
    var sortedArrivals: [(statement: Digest, number: Int64)] {
        halts.map { (statement: $0.key, number: $0.value.number) }
            .sorted { $0.number < $1.number }
    }

    /// The statements of released halts, sorted.
    var sortedReleased: [Digest] { released.sorted { $0.hex < $1.hex } }
}
