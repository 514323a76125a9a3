import InterlockModel

/// The calls of each agent in the last hour by minute, computed from counters that only grow; those of before the start of the
/// process come from the log (`RecentCalls`).
struct AgentHour {
    static let minutes: Int64 = 60

    private struct Minute {
        let number: Int64
        var counts: [AgentName: CallCounts] = [:]
    }
    /// The minutes with calls, oldest first.
    private var minutes: [Minute] = []
    private var totals: [AgentName: CallCounts] = [:]
    private var counted: [AgentName: CallCounts] = [:]

    subscript(agent: AgentName) -> CallCounts { totals[agent] ?? CallCounts() }

    /// The agents that were denied calls, in no order.
    var refused: [AgentName] { totals.compactMap { $1.refused > 0 ? $0 : nil } }

    /// The counts of each of the last 60 minutes, oldest first.
    func series(of agent: AgentName, at now: BootTime) -> [CallCounts] {
        var series = [CallCounts](repeating: CallCounts(), count: Int(Self.minutes))
        let oldest = Self.number(now) - Self.minutes + 1
        for minute in minutes where minute.number >= oldest {
            let place = Int(minute.number - oldest)
            guard series.indices.contains(place), let counts = minute.counts[agent] else {
                continue
            }
            series[place] = series[place] + counts
        }
        return series
    }

    /// Adds the calls of before the start of the process, which the log has.
    mutating func refill(_ recent: RecentCalls, at now: ClockReading) {
        let current = Self.number(now.boot)
        let passed = (now.wall - recent.end).microseconds
        var all = minutes
        for (place, calls) in recent.minutes where !calls.agents.isEmpty {
            let ago = passed + Int64(place) * 60_000_000
            let number = (now.boot.microseconds - ago) / 60_000_000
            guard number > current - Self.minutes else { continue }
            all.append(Minute(number: number, counts: calls.agents))
            for (agent, counts) in calls.agents {
                totals[agent, default: CallCounts()] = self[agent] + counts
            }
        }
        minutes = all.sorted { $0.number < $1.number }
    }

    /// - Parameter counters: the calls since the start of the process.
    mutating func note(_ counters: [AgentName: CallCounts], at now: BootTime) {
        let number = Self.number(now)
        while let first = minutes.first, first.number <= number - Self.minutes {
            for (agent, counts) in first.counts {
                let left = self[agent] - counts
                totals[agent] = left.isNothing ? nil : left
            }
            minutes.removeFirst()
        }
        for (agent, counts) in counters {
            let more = counts - (counted[agent] ?? CallCounts())
            guard !more.isNothing else { continue }
            if minutes.last?.number != number { minutes.append(Minute(number: number)) }
            let place = minutes.count - 1
            minutes[place].counts[agent] = (minutes[place].counts[agent] ?? CallCounts()) + more
            totals[agent] = self[agent] + more
        }
        counted = counters
    }

    private static func number(_ time: BootTime) -> Int64 { time.microseconds / 60_000_000 }
}
