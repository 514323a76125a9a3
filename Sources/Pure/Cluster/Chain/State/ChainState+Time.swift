import InterlockModel

/// The times that entries state, as far as the chain can judge them.
///
/// Uses and snapshots have no part in it: uses are dropped, and a node that reads the chain afterwards must come to the
/// same state; a snapshot states the state after itself.
extension ChainState {
    func clock(after entry: ChainEntry) -> ChainClock {
        var clock = clock
        if entry.statesTime {
            let nodes = members.values.count(where: { $0.status == .admitted })
            clock.note(entry.at, by: entry.node, isAlone: nodes == 1)
        }
        return clock
    }

    /// Returns the time of a restriction that begins now.
    mutating func restriction(from time: Timestamp) -> EntryTime {
        newestTime = max(newestTime ?? time, time)
        return EntryTime(time)
    }

    /// Lowers the times that are later than that of this entry, and forgets what nodes stated that have been retired.
    mutating func follow(_ entry: ChainEntry) {
        guard entry.statesTime else { return }
        if entry.kind == .widening(.member) {
            let members = members
            clock.keep { members[$0]?.status == .admitted }
        }
        let (time, node) = (clock.judging(entry.at), entry.node)
        guard let newest = newestTime, time < newest else { return }
        for server in quarantines.keys { quarantines[server]?.follow(time, by: node) }
        for run in pauses.keys { pauses[run]?.follow(time, by: node) }
        for agent in demotions.keys { demotions[agent]?.at.follow(time, by: node) }
        snapshots.follow(time, by: node)
        let times =
            quarantines.values.map(\.at) + pauses.values.map(\.at)
            + demotions.values.map(\.at.at) + snapshots.times.values.map(\.at)
        newestTime = times.max()
    }
}

extension ChainEntry {
    fileprivate var statesTime: Bool {
        switch statement.content {
        case .narrowing(.use), .narrowing(.snapshot): false
        case .genesis, .widening, .narrowing: true
        }
    }
}
