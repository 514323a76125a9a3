import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPorts

/// The calls of the hour before this process started, counted from the log, so that a restart changes no figure of the last
/// hour, and the times of its halts.
package struct RecentCalls: Sendable {
    package struct Minute: Sendable, Hashable {
        package fileprivate(set) var allowed: Int64 = 0
        package fileprivate(set) var denied: Int64 = 0
        /// Those of `allowed` that people approved.
        package fileprivate(set) var approved: Int64 = 0
        package fileprivate(set) var times = DurationCounts()
        /// The calls whose agent is known: that of a call is in its intent, which may be older.
        package fileprivate(set) var agents: [AgentName: CallCounts] = [:]
    }

    package static let length = Duration.seconds(3600)

    /// The end of the counted time: the start of this process.
    package let end: Timestamp
    /// The minutes with calls, by the number of whole minutes between them and `end`.
    package private(set) var minutes: [Int: Minute] = [:]
    /// The steps of the wall clock, each with the time between it and `end`, and its distance.
    package private(set) var clockSteps: [(before: Duration, distance: Duration)] = []
    /// The times of the records of halts and releases, by the id of the order.
    package private(set) var orders: [OrderID: Timestamp] = [:]
    /// The number of whole minutes before `end` that the log has, or nil if it is older than the hour. Of the time before
    /// a log was made nothing is known, which is not 0 calls.
    package private(set) var known: Int?
    /// The agents of the runs that were read.
    private var agents: [RunID: AgentName] = [:]
    /// The ids of the calls that used an approval and whose outcome was not read yet.
    private var approved: Set<ExactText> = []

    package init(before end: Timestamp) { self.end = end }

    /// Adds a record of the log. Records of another time, or of a type that is not listed here, count nothing.
    package mutating func add(_ record: StoredRecord) {
        let agent = agent(of: record)
        guard let at = record.time, at < end, end - at <= Self.length else { return }
        let minute = Int(((end - at).microseconds - 1) / 60_000_000)
        switch record.type {
        case RecordType.logGenesis.rawValue: known = minute + 1
        case RecordType.approvalUsed.rawValue:
            if let call = record.text("use") { approved.insert(ExactText(call)) }
        case RecordType.callOutcome.rawValue where record["late"] == nil:
            let isAllowed = ["ok", "tool_error"].contains(record.text("st"))
            let isApproved = record.text("call").map { approved.remove(ExactText($0)) != nil }
            if isAllowed { minutes[minute, default: Minute()].allowed += 1 }
            if isAllowed, isApproved == true { minutes[minute, default: Minute()].approved += 1 }
            if let time = record["dur"]?.integer {
                minutes[minute, default: Minute()].times.add(microseconds: time)
            }
            count(CallCounts(done: 1), agent, minute)
        case RecordType.callDenied.rawValue:
            let count = record["cnt"]?.integer ?? 1
            minutes[minute, default: Minute()].denied += count
            self.count(CallCounts(refused: count), agent, minute)
        case RecordType.clockStep.rawValue:
            guard let distance = record["step"]?.integer else { return }
            clockSteps.append((end - at, .microseconds(distance)))
        case RecordType.killRequested.rawValue, RecordType.killReleased.rawValue:
            guard let order = record.text("req").flatMap({ OrderID($0) }) else { return }
            orders[order] = at
        default: return
        }
    }

    private mutating func count(_ counts: CallCounts, _ agent: AgentName?, _ minute: Int) {
        guard let agent else { return }
        let before = minutes[minute]?.agents[agent] ?? CallCounts()
        minutes[minute, default: Minute()].agents[agent] = before + counts
    }

    private mutating func agent(of record: StoredRecord) -> AgentName? {
        let run = record.text("run").flatMap { RunID($0) }
        guard let named = record.text("agent").flatMap({ AgentName($0) }) else {
            return run.flatMap { agents[$0] }
        }
        if let run { agents[run] = named }
        return named
    }
}
