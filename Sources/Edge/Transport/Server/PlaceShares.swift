import InterlockJSON
import InterlockPorts

/// The claim of one connection to a place of a listener whose places are shared.
struct PlaceClaim: Sendable {
    let source: RequestSource
    /// The client of a proxy, as the proxy names it; is nil until the first head, and without a proxy.
    var forwarded: ExactText?
    /// The person or service that the last request has proven; is nil for everybody else.
    var holder: ExactText?
    /// When the connection began, or its last request came.
    var since: UInt64
}

/// Shares the places of a listener among sources, so that a source with many connections keeps no other one out.
///
/// A newcomer is admitted if a connection without a request can be closed for it: the one that has sent nothing for the
/// longest, of the source that has the most. Proven holders have a reserve of their own, and are closed last.
struct PlaceShares: Sendable {
    let connections: Int

    /// Places that only proven holders take.
    var reserve: Int { connections / 4 }
    /// Places of one holder that count as proven.
    var ofHolder: Int { max(4, connections / 8) }
    /// Connections closed at once, so that a flood is not answered one by one.
    private var most: Int { max(1, connections / 32) }

    struct Candidate {
        let claim: PlaceClaim
        /// Whether no request of it is being handled.
        let isIdle: Bool
    }

    /// - Returns: the indices of those to close so that one more can come in, nil if there is no such.
    func leaving(_ all: [Candidate]) -> [Int]? {
        let proven = proven(all)
        let others = all.indices.filter { !proven.contains($0) }
        guard all.count >= connections || others.count >= connections - reserve else { return [] }
        if let group = largest(others, of: all, by: { $0.source }),
            let client = largest(group, of: all, by: { $0.forwarded })
        {
            let idle = client.filter { all[$0].isIdle }
                .sorted { all[$0].claim.since < all[$1].claim.since }
            return Array(idle.prefix(max(1, min(most, client.count / 4))))
        }
        guard others.count < connections - reserve else { return nil }
        let oldest = proven.filter { all[$0].isIdle }
            .min { all[$0].claim.since < all[$1].claim.since }
        return oldest.map { [$0] }
    }

    /// The newest connections of each holder, up to its share.
    private func proven(_ all: [Candidate]) -> Set<Int> {
        var ofHolder: [ExactText: [Int]] = [:]
        for index in all.indices {
            if let holder = all[index].claim.holder { ofHolder[holder, default: []].append(index) }
        }
        var proven: Set<Int> = []
        for indices in ofHolder.values {
            let newest = indices.sorted { all[$0].claim.since > all[$1].claim.since }
            proven.formUnion(newest.prefix(self.ofHolder))
        }
        return proven
    }

    /// Those who share the key that most share, among the keys of which some connection is idle.
    private func largest<Key: Hashable>(
        _ indices: [Int], of all: [Candidate], by key: (PlaceClaim) -> Key
    ) -> [Int]? {
        Dictionary(grouping: indices) { key(all[$0].claim) }.values
            .filter { group in group.contains { all[$0].isIdle } }
            .max { $0.count < $1.count }
    }
}
