import InterlockModel

/// The times for which a node may act after a heartbeat (docs/specs/cluster.md, section 5).
package struct LeaseSettings: Hashable, Sendable {
    /// The time for consequential calls: 5 s to 60 s.
    package let consequential: Duration
    /// The time for reads at tier low, at least that of consequential calls and at most 10 minutes.
    package let reads: Duration
    /// The time by which a node stops before the lease ends.
    package static let margin = Duration.seconds(1)

    /// - Returns: nil if a time is out of its range.
    package init?(consequential: Duration = .seconds(5), reads: Duration = .seconds(30)) {
        guard consequential >= .seconds(5), consequential <= .seconds(60),
            reads >= consequential, reads <= .seconds(600)
        else { return nil }
        self.consequential = consequential
        self.reads = reads
    }

    private init(standard: Void) {
        consequential = .seconds(5)
        reads = .seconds(30)
    }

    package static let standard = LeaseSettings(standard: ())

    /// The time for which one beat must be unchanged, on the clock of the node that watches, before its node is expelled.
    package var silence: Duration { consequential + Self.margin }
}

/// The kinds of call that a lease tells apart.
package enum LeasedAction: Hashable, Sendable, CaseIterable {
    /// Every call that is not a read at tier low.
    case consequential
    case lowTierRead
}

/// The times at which heartbeats are sent.
package enum HeartbeatInterval {
    /// Returns the time until the next heartbeat: max(0.5 s, nodes / 500 s), less or more by up to a tenth.
    ///
    /// - Parameter random: evenly distributed bits.
    package static func next(nodes: Int, random: UInt64) -> Duration {
        let mean = max(500_000, Int64(min(max(nodes, 0), 100_000)) * 2_000)
        let share = Int64(random % 200_001) - 100_000
        return .microseconds(mean + mean * share / 1_000_000)
    }

    /// The jitter with which all nodes connect again after the store was away: up to one second.
    package static func reconnect(random: UInt64) -> Duration {
        .microseconds(Int64(random % 1_000_000))
    }
}
