import InterlockCluster
import InterlockModel

/// A node that was given rows, as it will be once the entries that it applied are written.
struct NodeAdvance: Sendable {
    let node: ClusterNode
    let actions: [ClusterNode.Action]
    /// The entries to be written, in order; none if no row was applied.
    let entries: [StoredEntry]

    /// Verifies and applies the rows, as far as they fit.
    init(_ before: ClusterNode, _ rows: [StoredEntry], at now: BootTime) {
        var next = before
        actions = next.handle(.rows(rows), at: now)
        node = next
        var applied: [StoredEntry] = []
        for row in rows
        where row.number == before.follower.head.number + Int64(applied.count) + 1
            && row.number <= next.follower.head.number
        {
            applied.append(row)
        }
        entries = applied
    }
}
