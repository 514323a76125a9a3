package import InterlockCluster

/// The rows of the schema `il` that a simulation needs (docs/specs/cluster.md, section 3). It is a value, so that a
/// failover can return to an earlier one.
package struct StoreRows: Sendable {
    package struct Member: Sendable {
        package var incarnation: Int64 = 0
        package var beat: Int64 = 0
        package var applied: ChainHead?
        package var generation: Int64 = 0
        package var isGone = true
    }

    package enum RequestState: Sendable { case pending, approved, used, ended }

    package struct Request: Sendable {
        package let agent: Int
        package let run: Int
        package let kind: CallKind
        package var version: Int64 = 0
        package var state = RequestState.pending
        /// How often the grant may be used, and was.
        package var uses: Int64 = 1
        package var used: Int64 = 0
        /// True if a person signed the vote in the row; nodes verify it before they act on it.
        package var isVoted = false
    }

    package struct Run: Sendable {
        package var node: Int
        package var incarnation: Int64
        package var isFree = false
        /// The number of the claim, over all runs: of two claims of a run the later has the higher number.
        package var claim: Int
    }

    package struct LimitLease: Sendable {
        package let node: Int
        package let incarnation: Int64
        package var units: Int64
        /// The last slot in which it may be used.
        package let untilSlot: Int64
    }

    package struct LimitKey: Sendable {
        package var last: Int64 = 0
        package var leases: [Int: LimitLease] = [:]
        /// Reported uses: units by slot.
        package var uses: [Int64: Int64] = [:]
    }

    /// The chain, from entry 0.
    package var entries: [StoredEntry] = []
    package var members: [Member]
    package var requests: [Int: Request] = [:]
    package var nonces: Set<Int> = []
    package var runs: [Int: Run] = [:]
    package var limits: [Int: LimitKey] = [:]
    /// The generation in which entries are appended, units taken and leases renewed.
    package var openGeneration: Int64 = 0
    /// The node that watches the others, its term, and when it was last heard.
    package var watcher: Int?
    package var term: Int64 = 0
    package var watcherHeard = VirtualTime.start

    package init(nodes: Int) { members = [Member](repeating: Member(), count: nodes) }

    package var head: ChainHead? {
        guard let last = entries.last, let digest = last.digest else { return nil }
        return ChainHead(number: last.number, digest: digest)
    }
}
