import InterlockGovernor
import InterlockJSON
import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockStore

/// Reads what counts against limits, and what breakers still hold, out of a node's own logs: from the newest snapshot
/// on, or all that can still count, also in the log before where this one is younger than that.
struct LogLimits: LimitLogReader {
    private let reader: LedgerReader
    private let earlier: [LedgerReader]
    private let bootID: String
    private let usesSnapshots: Bool
    /// How far back a call may have begun that still counts.
    private let longest: Duration

    /// The longest window there is, with the slot that is over it.
    private static let longestWindow = Duration.seconds(86_400 + 86_400 / 60)
    /// The longest life of a token, and so of a run's last call after a pause.
    private static let longestHold = Duration.seconds(31 * 86_400)
    /// How far back the newest snapshot is looked for, one after the other.
    private static let looksBack = [
        LimitSnapshotWriter.interval * 2, LimitSnapshotWriter.interval * 24, longestWindow,
    ]

    /// - Parameters:
    ///   - earlier: of the logs that ended, oldest first.
    ///   - longestCall: from its intent to its end.
    ///   - usesSnapshots: false to read all that can still count.
    init(
        _ reader: LedgerReader, earlier: [LedgerReader], bootID: String, longestCall: Duration,
        usesSnapshots: Bool
    ) {
        self.reader = reader
        self.earlier = earlier
        self.bootID = String(bootID.prefix(8))
        self.usesSnapshots = usesSnapshots
        longest = Self.longestWindow + longestCall
    }

    func standing(under map: LimitMap) async throws(StoreFailure) -> LoggedLimitState {
        try await answer { () throws(LedgerFailure) in
            let now = SystemClock().now
            if usesSnapshots, let found = try newestSnapshot(of: map, at: now) {
                var reading = LimitReading(map, after: found)
                try read(reader, from: found.next, into: &reading)
                return reading.standing ?? found
            }
            var reading = LimitReading(map)
            let uses = try places(longest, at: now)
            for (number, from) in try places(Self.longestHold, at: now).enumerated() {
                guard let from else { continue }
                let log = logs[number]
                let first = uses[number] ?? .max
                try read(log, from: from, upTo: first, onlyHolds: true, into: &reading)
                if first < .max { try read(log, from: first, into: &reading) }
            }
            guard let standing = reading.standing else {
                throw LedgerFailure(.missing, "the log has no record")
            }
            return standing
        }
    }

    func follow(
        _ standing: LoggedLimitState, under map: LimitMap
    ) async throws(StoreFailure) -> LoggedLimitState {
        try await answer { () throws(LedgerFailure) in
            var reading = LimitReading(map, after: standing)
            try read(reader, from: standing.next, into: &reading)
            return reading.standing ?? standing
        }
    }

    private var logs: [LedgerReader] { earlier + [reader] }

    /// Where each log has its first record of this age or less; nil of a log that has none.
    private func places(
        _ age: Duration, at now: ClockReading
    ) throws(LedgerFailure) -> [UInt64?] {
        var places: [UInt64?] = []
        for log in logs.reversed() {
            // A log that begins behind that moment has others before it.
            guard places.isEmpty || places.last == 0 else {
                places.append(nil)
                continue
            }
            places.append(try place(age, in: log, at: now))
        }
        return places.reversed()
    }

    private func place(
        _ age: Duration, in log: LedgerReader, at now: ClockReading
    ) throws(LedgerFailure) -> UInt64 {
        try log.first(since: now.wall - age, orInBoot: bootID, since: now.boot + (.zero - age))
    }

    private func read(
        _ log: LedgerReader, from start: UInt64, upTo end: UInt64 = .max, onlyHolds: Bool = false,
        into reading: inout LimitReading
    ) throws(LedgerFailure) {
        guard start < end else { return }
        var next = reading
        var unreadable: UInt64?
        try log.forEachRecord(from: start) { index, bytes in
            guard index < end else { return false }
            if !next.take(bytes, at: index, onlyHolds: onlyHolds) { unreadable = index }
            return unreadable == nil
        }
        if let unreadable {
            throw LedgerFailure(.damaged, "record \(unreadable) cannot be read")
        }
        reading = next
    }

    /// The newest that has all its parts and was made under this policy.
    private func newestSnapshot(
        of map: LimitMap, at now: ClockReading
    ) throws(LedgerFailure) -> LoggedLimitState? {
        for age in Self.looksBack {
            var sets: [Int64: [StoredRecord]] = [:]
            try reader.scan(from: try place(age, in: reader, at: now)) { entry in
                guard entry.mayBe(.budgetSnapshot), let record = entry.record,
                    record.type == RecordType.budgetSnapshot.rawValue,
                    record.digest("pol") == map.policy.digest, let upTo = record["upto"]?.integer
                else { return true }
                sets[upTo, default: []].append(record)
                return true
            }
            guard let newest = LimitSnapshot.newestWhole(of: sets) else { continue }
            do throws(StoreFailure) { return try LimitSnapshot.standing(newest, under: map) } catch
            {
                throw LedgerFailure(.damaged, error.reason)
            }
        }
        return nil
    }

    private func answer(
        _ body: @escaping @Sendable () throws(LedgerFailure) -> LoggedLimitState
    ) async throws(StoreFailure) -> LoggedLimitState {
        let jobs = JobThread("limits-trail", limit: 1)
        defer { jobs.close() }
        return try await jobs.answer(busy: "the log is read already") { () throws(StoreFailure) in
            do throws(LedgerFailure) { return try body() } catch {
                throw StoreFailure(reason: error.reason)
            }
        }
    }
}
