import InterlockModel

/// A lease as its node has it.
struct HeldLease: Sendable {
    let id: UnitLeaseID
    /// False for the lease of one call.
    let isBatch: Bool
    let granted: Int64
    /// The wall clock when the node asked for it.
    let since: Timestamp
    let until: Timestamp
    /// The times by both clocks from which the node uses nothing of it.
    let stop: ClockReading
    var used: Int64 = 0
    var returned: Int64 = 0
    /// The units of calls that are not sent yet.
    var reserved: Int64 = 0
    var isEnded = false
    /// The wall clock at the latest use; it never decreases.
    var latest: Timestamp
    /// The newest report that the store has, and the time at which one was sent that has no answer yet.
    var stored: UnitReport?
    var asked: BootTime?

    init(
        _ take: UnitTake, granted: Int64, isBatch: Bool, at sent: ClockReading, early: Duration
    ) {
        id = take.id
        self.isBatch = isBatch
        self.granted = granted
        since = take.now
        until = take.until
        let life = take.until - take.now - early
        stop = ClockReading(wall: take.until - early, boot: sent.boot + life)
        latest = take.now
    }

    /// The units that can be reserved, if the lease is usable.
    var unused: Int64 { isEnded ? 0 : max(0, granted - used - returned - reserved) }

    /// - Returns: false once one of the clocks says that the lease is over.
    func isUsable(at now: ClockReading) -> Bool {
        !isEnded && now.boot < stop.boot && now.wall < stop.wall
    }

    /// True if the store does not have the newest sums.
    var isUnreported: Bool {
        if let stored {
            return used > stored.used || returned > stored.returned || isEnded != stored.isEnded
        }
        return used > 0 || returned > 0 || isEnded
    }

    mutating func use(_ units: Int64, at now: ClockReading) {
        reserved -= min(units, reserved)
        used = used.saturated(adding: units)
        latest = max(latest, now.wall)
    }

    func report(at now: ClockReading) -> UnitReport {
        UnitReport(
            id: id, used: used, returned: returned, isEnded: isEnded, at: latest, now: now.wall)
    }

    func putBack(of key: UnitKey, at now: ClockReading) -> UnitPutBack {
        UnitPutBack(
            key: key, granted: granted, since: since, until: until, report: report(at: now))
    }
}
