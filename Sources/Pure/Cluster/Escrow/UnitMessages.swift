package import InterlockModel

/// The request of a node for units of a limit: `take` of the store.
package struct UnitTake: Sendable, Hashable {
    package let id: UnitLeaseID
    package let key: UnitKey
    /// The most units in a window.
    package let most: Int64
    /// The units that the node asks for, at least 1. It may get fewer.
    package let want: Int64
    /// The end of the lease, by the wall clock of the node.
    package let until: Timestamp
    /// The wall clock of the node when it asked.
    package let now: Timestamp

    package init(
        id: UnitLeaseID, key: UnitKey, most: Int64, want: Int64, until: Timestamp, now: Timestamp
    ) {
        self.id = id
        self.key = key
        self.most = most
        self.want = want
        self.until = until
        self.now = now
    }
}

/// The answer to `take`.
package struct UnitGrant: Sendable, Hashable {
    /// The units that are leased, from 0 to those wanted.
    package let units: Int64
    /// The units that are free after it.
    package let free: Int64
    /// The nodes that hold units of the limit or starve for some, with the one that asked.
    package let asking: Int

    package init(units: Int64, free: Int64, asking: Int) {
        self.units = units
        self.free = free
        self.asking = asking
    }
}

/// The use of a lease so far. The numbers are sums since the lease began, so that a report can be repeated, late or
/// overtaken by a later one.
package struct UnitReport: Sendable, Hashable {
    package let id: UnitLeaseID
    package let used: Int64
    /// The units that the node returned and will not use.
    package let returned: Int64
    /// True if the node uses nothing more of the lease: the rest is returned.
    package let isEnded: Bool
    /// The wall clock of the node at the latest of these uses, or later.
    package let at: Timestamp
    /// The wall clock of the node when it reported.
    package let now: Timestamp

    package init(
        id: UnitLeaseID, used: Int64, returned: Int64, isEnded: Bool, at: Timestamp, now: Timestamp
    ) {
        self.id = id
        self.used = used
        self.returned = returned
        self.isEnded = isEnded
        self.at = at
        self.now = now
    }
}

/// A lease that a node has, or had, and that the store may have lost with a new generation.
package struct UnitPutBack: Sendable, Hashable {
    package let key: UnitKey
    package let granted: Int64
    /// The wall clock of the node when it asked for the lease: no unit of it was used before.
    package let since: Timestamp
    package let until: Timestamp
    package let report: UnitReport

    package init(
        key: UnitKey, granted: Int64, since: Timestamp, until: Timestamp, report: UnitReport
    ) {
        self.key = key
        self.granted = granted
        self.since = since
        self.until = until
        self.report = report
    }
}

/// The use of a dead incarnation's leases, as its log has it.
package struct UnitSettlement: Sendable, Hashable {
    package let node: NodeName
    package let incarnation: Incarnation
    /// The units of each limit that calls used according to the log, since the first of the leases to settle began; a
    /// call without an outcome counts as used.
    package let used: [UnitKey: Int64]
    /// The wall clock of the node that read the log.
    package let now: Timestamp

    package init(
        node: NodeName, incarnation: Incarnation, used: [UnitKey: Int64], now: Timestamp
    ) {
        self.node = node
        self.incarnation = incarnation
        self.used = used
        self.now = now
    }
}

/// The part of a heartbeat's answer that concerns limits.
package struct UnitHeartbeat: Sendable, Hashable {
    package let generation: StoreGeneration
    /// False if the node has not put back its leases in this generation.
    package let isRestored: Bool
    /// The limits of which other nodes need units.
    package let starved: Set<UnitKey>

    package init(generation: StoreGeneration, isRestored: Bool, starved: Set<UnitKey>) {
        self.generation = generation
        self.isRestored = isRestored
        self.starved = starved
    }
}

/// The reason why the store did not do what a node asked for. Nothing has changed then.
package enum EscrowRefusal: Error, Sendable, Hashable, CaseIterable {
    /// The incarnation that asks was expelled, or has ended (`IL001`).
    case expelled
    /// Not every node has put back its leases since the store's new generation (`IL004`).
    case closed
    /// A number or time that no node sends, or the id of another lease.
    case unfit
    /// The lease would have ended before it began.
    case late
    /// The store has no such lease: it never had, lost it, or it counts no more.
    case unknownLease
    /// The incarnation whose leases are to be settled can still use them.
    case alive
}
