import InterlockCommandLine
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockStore

/// Reads limit usage and breaker holds from a node's own logs: from the newest snapshot on, or all records that can
/// still count, including those of earlier logs if this one is too young.
struct LogLimits: LimitLogReader {
    private let reader: LedgerReader
    private let earlier: [LedgerReader]
    private let bootID: String
    private let usesSnapshots: Bool
    /// The maximum age of a call's beginning that can still count.
    private let longest: Duration

    /// The longest window, with one slot more.
    private static let longestWindow = Duration.seconds(86_400 + 86_400 / 60)
    /// The longest lifetime of a token, and so the longest time until the last call of a run.
    private static let longestHold = Duration.seconds(31 * 86_400)
    /// - Parameters:
    ///   - earlier: readers of the logs that ended, oldest first.
    ///   - longestCall: the longest time from a call's intent to its end.
    ///   - usesSnapshots: if false, reads all records that can still count.
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

    func status(under map: LimitMap) async throws(StoreFailure) -> LoggedLimitState {
        try await JobThread.reading("limits-trail") { () throws(LedgerFailure) in
            let now = SystemClock().now
            if usesSnapshots, let found = try newestSnapshot(of: map, at: now) {
                var reading = LimitReading(map, after: found)
                try read(reader, from: found.next, into: &reading)
                return reading.status ?? found
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
            guard let status = reading.status else {
                throw LedgerFailure(.missing, "the log has no record")
            }
            return status
        }
    }

    func follow(
        _ status: LoggedLimitState, under map: LimitMap
    ) async throws(StoreFailure) -> LoggedLimitState {
        try await JobThread.reading("limits-trail") { () throws(LedgerFailure) in
            var reading = LimitReading(map, after: status)
            try read(reader, from: status.next, into: &reading)
            return reading.status ?? status
        }
    }

    private var logs: [LedgerReader] { earlier + [reader] }

    /// The index in each log of its first record of at most this age. Is nil for a log without such a record.
    private func places(_ age: Duration, at now: ClockReading) throws(LedgerFailure) -> [UInt64?] {
        var places: [UInt64?] = []
        for log in logs.reversed() {
            // Only if a log begins after that moment can an earlier log have such a record.
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

    /// Returns the newest complete snapshot that was made under this policy, or nil if no snapshot qualifies.
    private func newestSnapshot(
        of map: LimitMap, at now: ClockReading
    ) throws(LedgerFailure) -> LoggedLimitState? {
        let oldest = try place(Self.longestWindow, in: reader, at: now)
        let newest = try reader.newest(of: [.budgetSnapshot], since: oldest) {
            LimitSnapshot.newestWhole(of: $0.map(\.record), under: map.policy.digest)
        }
        guard let newest else { return nil }
        do throws(StoreFailure) { return try LimitSnapshot.status(newest, under: map) } catch {
            throw LedgerFailure(.damaged, error.reason)
        }
    }
}

/// The limit usage and breaker holds that a start counted from the log, with the services that continue from them.
struct CountedLimits: Sendable {
    let limits: LimitService
    let breakers: CircuitBreakerService
    let logReader: LogLimits
    let status: LoggedLimitState
}
