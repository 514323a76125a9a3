import InterlockModel

/// The times for which a node may act after a heartbeat (docs/specs/cluster.md, section 5).
package struct LeaseSettings: Hashable, Sendable {
    /// The time for consequential calls: 5 s to 60 s.
    package let consequential: Duration
    /// The time for reads at tier low, at least that of consequential calls and at most 10 minutes.
    package let reads: Duration

    /// 5 s and 30 s.
    package static let standard = LeaseSettings(checked: .seconds(5), reads: .seconds(30))

    /// - Returns: nil if a time is out of its range.
    package init?(
        consequential: Duration = LeaseSettings.standard.consequential,
        reads: Duration = LeaseSettings.standard.reads
    ) {
        guard consequential >= .seconds(5), consequential <= .seconds(60),
            reads >= consequential, reads <= .seconds(600)
        else { return nil }
        self.init(checked: consequential, reads: reads)
    }

    private init(checked consequential: Duration, reads: Duration) {
        self.consequential = consequential
        self.reads = reads
    }

    /// The time from the sending of a heartbeat for which it permits an action: its lease less the margin.
    package func permitted(_ action: LeasedAction) -> Duration {
        switch action {
        case .consequential: consequential - Self.margin(of: consequential)
        case .lowTierRead: reads - Self.margin(of: reads)
        }
    }

    /// The time for which one beat must be unchanged, on the clock of the node that watches, before its node is expelled.
    package var silence: Duration { consequential + Self.margin(of: consequential) }

    /// The time by which a node stops before its lease ends, and by which it is expelled after that: one second, or an
    /// eighth of a lease above 8 s. An eighth bears clocks whose rates differ from true time by a tenth, either way:
    /// 7/8 of a lease by the slowest clock are 0.97 of it, and 9/8 by the fastest 1.02.
    private static func margin(of lease: Duration) -> Duration { max(.seconds(1), lease / 8) }
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
