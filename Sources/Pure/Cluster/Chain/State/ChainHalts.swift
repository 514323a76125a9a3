package import InterlockModel

/// The halts of the chain: which are in force, which were released, and at which entry each came. The epoch is the
/// number of the newest entry that is a halt or a release.
package struct ChainHalts: Sendable, Equatable {
    package private(set) var set = HaltSet()
    /// Is 0 before the first halt.
    package private(set) var epoch: Int64 = 0
    private var arrivals: [OrderID: Int64] = [:]

    package init() {}

    /// - Returns: false if the halt was known, or was released before it came.
    mutating func apply(_ halt: AcceptedHalt, at number: Int64) -> Bool {
        epoch = number
        guard set.apply(halt) else { return false }
        arrivals[halt.order.id] = number
        return true
    }

    /// - Returns: the reason why the release ends nothing, or nil if it was applied.
    mutating func apply(_ release: AcceptedRelease, at number: Int64) -> OrderRefusal? {
        if let refusal = refusal(of: release.order) { return refusal }
        epoch = number
        set.apply(release)
        for id in release.order.halts { arrivals[id] = nil }
        return nil
    }

    /// A release ends only halts that its signers saw: all that it names must be known, and no other halt of
    /// overlapping scope may have come after the epoch that was signed.
    private func refusal(of release: ReleaseOrder) -> OrderRefusal? {
        var targets: [HaltTarget] = []
        for id in release.halts {
            if let halt = set.active[id] {
                targets.append(halt.target)
            } else if !set.released.contains(id) {
                return .unknownHalt(id)
            }
        }
        guard release.afterEpoch <= epoch else { return .staleEpoch }
        let named = Set(release.halts)
        for (id, halt) in set.active where arrivals[id, default: 0] > release.afterEpoch {
            if named.contains(id) { continue }
            if targets.contains(where: { $0.mayOverlap(halt.target) }) { return .staleEpoch }
        }
        return nil
    }

    /// The numbers of the entries of the halts in force, sorted by id.
    var sortedArrivals: [(id: OrderID, number: Int64)] {
        arrivals.map { (id: $0.key, number: $0.value) }.sorted { $0.id.text < $1.id.text }
    }
}
