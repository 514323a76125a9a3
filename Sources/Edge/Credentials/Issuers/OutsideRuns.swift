import InterlockJSON
import InterlockModel

/// The runs of agents with external tokens. Such a token names no run, and a client obtains a new one every few
/// minutes. One run therefore continues for the same client, subject and person while each token follows another in
/// time, for at most a day. A restart of the gateway begins new runs.
struct OutsideRuns {
    struct Line: Hashable {
        let issuer: ExactText
        let client: ExactText?
        let subject: ExactText?
        let agent: AgentName
        let person: Person?
    }
    private struct Entry {
        let run: RunID
        let began: Timestamp
        /// The latest expiry among the run's tokens.
        var until: Timestamp
    }

    static let longest = Duration.seconds(86_400)
    static let largestCount = 10_000
    private var entries: [Line: Entry] = [:]

    mutating func run(
        of line: Line, until end: Timestamp, _ now: Timestamp, _ entropy: any Entropy
    ) -> RunID {
        if let entry = entries[line], now < entry.until + TokenLife.leeway,
            now >= entry.began, now - entry.began < Self.longest
        {
            if entry.until < end { entries[line]?.until = end }
            return entry.run
        }
        if entries.count >= Self.largestCount {
            entries = entries.filter { $0.value.until > now }
            if entries.count >= Self.largestCount { entries = [:] }
        }
        let run = RunID(milliseconds: now.milliseconds, random: entropy.bytes(10))
        entries[line] = Entry(run: run, began: now, until: end)
        return run
    }
}
