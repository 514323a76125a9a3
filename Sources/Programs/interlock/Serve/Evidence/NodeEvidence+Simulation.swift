import InterlockAdministration
import InterlockCommandLine
import InterlockEvidence
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockStore

extension NodeEvidence: SimulationLog {
    /// The most records that one simulation reads, the time in which it ends, and the records between two looks at it.
    private static let bounds = (
        records: 1_000_000 as UInt64, time: Duration.seconds(28), part: 5000 as UInt64
    )

    /// Reads the newest part first: if the time is over, the parts that were read whole are the result.
    func simulate(
        _ policy: PolicySnapshot, from since: Timestamp, to until: Timestamp,
        while isWanted: @escaping @Sendable () -> Bool
    ) async throws(EvidenceRefusal) -> SimulatedPeriod {
        try await simulation { log, isOpen in
            let end = ContinuousClock.now + Self.bounds.time
            let isGoingOn = { isOpen() && isWanted() && ContinuousClock.now < end }
            let first = try log.reader.first(since: since)
            var next = try log.reader.size()
            let least = max(first, next - min(next, Self.bounds.records))
            var (done, oldest) = (PolicySimulation(policy, keepsArguments: false), until)
            var replayer = DecisionReplayer(log, other: policy)
            while next > least, isGoingOn() {
                let start = max(least, next - min(next, Self.bounds.part))
                var (part, time, isWhole) = (done, nil as Timestamp?, true)
                try log.scan(from: start) { entry in
                    guard entry.index < next, let record = entry.record else {
                        return entry.index < next
                    }
                    time = time ?? record.time
                    isWhole = entry.index % 64 > 0 || isGoingOn()
                    let isWanted = record.time.map { since <= $0 && $0 < until } ?? false
                    try replayer.simulate(entry, record, in: &part, isWanted: isWanted)
                    return isWhole
                }
                guard isWhole else { break }
                (done, next, oldest) = (part, start, time ?? oldest)
            }
            guard next == least || done.decided > 0 else {
                throw EvidenceRefusal.unreadable("calculation ended after 30 s without a result")
            }
            return SimulatedPeriod(
                simulation: done, since: next == first ? since : oldest, until: until,
                isCut: next > first)
        }
    }
}
