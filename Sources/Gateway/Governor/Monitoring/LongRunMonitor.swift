import InterlockModel
import InterlockMonitoring

/// The runs with recent activity, for the detection of unusually long ones.
struct LongRunMonitor {
    private struct Entry {
        let agent: AgentName
        let began: BootTime
        var last: BootTime
        var isTold = false
    }
    /// The idle time after which a run counts as ended in the statistics.
    static let idle: Duration = .seconds(3_600)
    static let most = 100_000
    /// The oldest start that is accepted from a run id, since an external id may contain any time; an older run counts
    /// from its first observation.
    private static let longest: Duration = .seconds(30 * 86_400)

    private var runs: [RunID: Entry] = [:]
    private var lengths: [AgentName: RunLengths] = [:]

    mutating func note(_ run: RunID, of agent: AgentName, at now: ClockReading) {
        guard runs[run] == nil else {
            runs[run]?.last = now.boot
            return
        }
        guard runs.count < Self.most else { return }
        let age = Duration.milliseconds(now.wall.milliseconds - run.milliseconds)
        let counts = age >= .zero && age <= Self.longest
        let began =
            counts ? BootTime(microseconds: now.boot.microseconds - age.microseconds) : now.boot
        runs[run] = Entry(agent: agent, began: began, last: now.boot)
    }

    /// Returns the runs that have become long, each once.
    mutating func long(cap: Duration, at now: BootTime) -> [(
        run: RunID, agent: AgentName, length: Duration
    )] {
        var found: [(run: RunID, agent: AgentName, length: Duration)] = []
        var ended: [RunID] = []
        for (run, entry) in runs {
            let length = entry.last - entry.began
            guard now - entry.last < Self.idle else {
                ended.append(run)
                continue
            }
            guard !entry.isTold else { continue }
            let limit = lengths[entry.agent]?.limit(cap: cap.components.seconds)
            guard length > limit.map({ .seconds($0) }) ?? cap else { continue }
            runs[run]?.isTold = true
            found.append((run, entry.agent, length))
        }
        for run in ended {
            guard let entry = runs.removeValue(forKey: run) else { continue }
            lengths[entry.agent, default: RunLengths()].add(
                (entry.last - entry.began).components.seconds)
        }
        return found
    }
}
