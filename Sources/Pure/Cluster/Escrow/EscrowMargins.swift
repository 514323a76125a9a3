import InterlockLimits

/// The margins on which "at most N in any window" rests (docs/specs/cluster.md, section 6). A test shows of each that
/// the limit is exceeded without it.
package struct EscrowMargins: Sendable, Hashable {
    /// The most by which the wall clock of a ready node is off. A node that is further off takes and uses nothing.
    package var clock = Duration.seconds(1)
    /// The time before the end of a lease from which its node uses nothing of it; at least `clock`.
    package var early = Duration.seconds(1)
    /// The number of slots, each a sixtieth of the window, for which a lease counts in full after the slot of its end.
    package var tail: Int64 = RateWindow.slots
    /// The same for units whose use was reported, after the slot in which they count.
    package var useTail: Int64 = RateWindow.slots

    package init() {}
}

/// The times of leases, as docs/specs/cluster.md, section 6, states them.
package enum EscrowTimes {
    /// The life of a lease of a batch.
    package static let batch = Duration.seconds(30)
    /// The time that a call waits for units of a batch.
    package static let wait = Duration.milliseconds(100)
    /// The time after which a transaction of the store is given up (`store.deadline`).
    package static let deadline = Duration.seconds(2)
    /// The longest life of a lease: no request waits longer for people.
    package static let longest = Duration.seconds(31 * 86_400)
    /// The limits below this number are exact.
    package static let leastShared: Int64 = 8
}
