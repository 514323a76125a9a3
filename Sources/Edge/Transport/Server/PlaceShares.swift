import InterlockJSON
import InterlockPorts

/// The claim of one connection to a place of a listener whose places are shared.
struct PlaceClaim: Sendable {
    let source: RequestSource
    /// The client of a proxy, as named by the proxy; is nil until the first head, and without a proxy.
    var forwarded: ExactText?
    /// The person or service account that the last request proved; is nil for any other client.
    var holder: ExactText?
    /// The time when the connection began, or when its last request arrived.
    var since: UInt64
}

/// Distributes the places of a listener among sources, so that a source with many connections cannot keep others out.
///
/// A new connection is admitted if an existing one without a request can be closed for it: of the source with the most
/// connections, the one that has been silent for longest. Proven holders have reserved places, and are closed last.
///
/// INVARIANT: a source that holds many connections of the people plane and sends no request makes room for newcomers;
/// connections of signed-in people are closed last. Kept by `PlaceSharesTests`, `test_console_crowds.py`.
struct PlaceShares: Sendable {
    let connections: Int

    /// The places that only proven holders may take.
    var reserve: Int { connections / 4 }
    /// The number of one holder's connections that count as proven.
    var ofHolder: Int { max(4, connections / 8) }
    /// The maximum connections closed at once, so that a flood is not handled one by one.
    private var most: Int { max(1, connections / 32) }

    struct Candidate {
        let claim: PlaceClaim
        /// True if none of its requests is being handled.
        let isIdle: Bool
    }

    /// - Returns: the indices of the connections to close so that one more can be admitted, or nil if none can be
    ///   closed.
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

    /// Returns the largest group with the same key, among the groups with an idle connection.
    private func largest<Key: Hashable>(
        _ indices: [Int], of all: [Candidate], by key: (PlaceClaim) -> Key
    ) -> [Int]? {
        Dictionary(grouping: indices) { key(all[$0].claim) }.values
            .filter { group in group.contains { all[$0].isIdle } }
            .max { $0.count < $1.count }
    }
}
