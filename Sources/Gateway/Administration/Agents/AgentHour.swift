import InterlockModel

/// The number of calls of each agent that were refused in the last hour, computed from counters that only grow.
struct RefusalHour {
    static let minutes: Int64 = 60

    private struct Minute {
        let number: Int64
        var counts: [AgentName: Int64] = [:]
    }
    /// The minutes with refusals, oldest first.
    private var minutes: [Minute] = []
    private var totals: [AgentName: Int64] = [:]
    private var counted: [AgentName: Int64] = [:]

    subscript(agent: AgentName) -> Int { Int(clamping: totals[agent] ?? 0) }

    var agents: Set<AgentName> { Set(totals.keys) }

    /// - Parameter counters: the refusals since the start of the process.
    mutating func note(_ counters: [AgentName: Int64], at now: BootTime) {
        let number = now.microseconds / 60_000_000
        while let first = minutes.first, first.number <= number - Self.minutes {
            for (agent, count) in first.counts {
                let left = (totals[agent] ?? 0) - count
                totals[agent] = left > 0 ? left : nil
            }
            minutes.removeFirst()
        }
        for (agent, count) in counters where count > counted[agent] ?? 0 {
            let more = count - (counted[agent] ?? 0)
            if minutes.last?.number != number { minutes.append(Minute(number: number)) }
            minutes[minutes.count - 1].counts[agent, default: 0] += more
            totals[agent, default: 0] += more
        }
        counted = counters
    }
}
