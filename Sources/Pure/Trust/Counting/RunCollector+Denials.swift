import InterlockJSON
import InterlockLedger
package import InterlockModel

// The causes that people state for denials, the sums of denials, stages, and exceptions from the change gate.
extension RunCollector {
    mutating func classified(_ record: StoredRecord, _ hash: Digest) {
        guard let agent = record.text("agent").flatMap({ AgentName($0) }),
            let denial = record.digest("h"), let by = record.text("by"), let time = record.time,
            let cause = record.text("as").flatMap({ DenialCause(rawValue: $0) })
        else { return }
        agents[agent]?.classifications[denial] = RecordedCause(
            cause: cause, leaf: hash, by: by, time: time, policy: record.digest("pol"))
    }

    /// Adds a run to its agent's sum: with its first denial, or with its end if it is clean then.
    mutating func addToSum(
        _ run: String?, _ leaf: Digest, _ time: Timestamp?, isDenied: Bool
    ) {
        guard let run, let place = places[run],
            let facts = agents[place.agent]?.runs[place.index], !facts.isInSum,
            facts.exclusions.isSubset(of: [.earlier]), isDenied || facts.runClass() == .clean
        else { return }
        edit(run) { $0.isInSum = true }
        addToSum(of: place.agent, leaf, time, isDenied: isDenied)
    }

    mutating func addToSum(
        of agent: AgentName, _ leaf: Digest, _ time: Timestamp?, isDenied: Bool
    ) {
        guard var cusum = agents[agent]?.cusum else { return }
        let isAlarm = cusum.add(isDenied: isDenied)
        agents[agent]?.cusum = cusum
        guard isAlarm, let time else { return }
        agents[agent]?.denialAlarmCount += 1
        agents[agent]?.denialAlarms.append(DenialAlarm(leaf: leaf, time: time))
        if let count = agents[agent]?.denialAlarms.count, count > Agent.mostAlarms {
            agents[agent]?.denialAlarms.removeFirst(count - Agent.mostAlarms)
        }
    }

    /// A demotion begins the credit anew. Each other stage expects another rate of denials.
    mutating func staged(_ record: StoredRecord, _ hash: Digest) {
        let index = first + UInt64(position)
        guard let agent = record.text("agent").flatMap({ AgentName($0) }),
            let event = agents[agent]?.stage.add(record, at: index, leaf: hash)
        else { return }
        if event.kind == .demoted, undone[agent].map({ event.at <= $0 }) ?? true {
            change(.demoted, of: agent, hash, event.at)
        }
        guard let from = event.from, from != event.to else { return }
        agents[agent]?.cusum = DenialCusum(at: event.to, under: criteria)
    }

    /// An exception that could not be stored is recorded once more, with a code, and is not in force.
    mutating func excepted(_ record: StoredRecord) {
        guard let agent = record.text("agent").flatMap({ AgentName($0) }), agents[agent] != nil,
            let until = record["until"]?.integer.map({ Timestamp(microseconds: $0) }),
            let time = record.time
        else { return }
        agents[agent]?.exceptions.removeAll { $0 <= time }
        guard record.text("code") == nil else {
            if let place = agents[agent]?.exceptions.lastIndex(of: until) {
                agents[agent]?.exceptions.remove(at: place)
            }
            return
        }
        agents[agent]?.exceptions.append(until)
        for run in openRuns(of: agent, at: position) {
            edit(run.text) { $0.exclude(.exception) }
        }
    }

    func isExcepted(_ agent: AgentName, at time: Timestamp) -> Bool {
        agents[agent]?.exceptions.contains { time < $0 } ?? false
    }
}

/// The cause of a denial as a person stated it.
package struct RecordedCause: Sendable, Hashable {
    package let cause: DenialCause
    /// The leaf hash of the record that states it.
    package let leaf: Digest
    /// The pseudonym of the person.
    package let by: String
    package let time: Timestamp
    /// The policy that grants the call; nil unless the cause is `policy`.
    package let policy: Digest?

    package init(
        cause: DenialCause, leaf: Digest, by: String, time: Timestamp, policy: Digest?
    ) {
        self.cause = cause
        self.leaf = leaf
        self.by = by
        self.time = time
        self.policy = policy
    }
}

/// An alarm of the sum of denials, by the record with which the sum exceeded its limit.
package struct DenialAlarm: Sendable, Hashable {
    package let leaf: Digest
    package let time: Timestamp

    package init(leaf: Digest, time: Timestamp) {
        self.leaf = leaf
        self.time = time
    }
}
