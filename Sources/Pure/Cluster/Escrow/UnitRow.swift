import InterlockLimits
package import InterlockModel

/// A lease as the store has it.
package struct UnitLease: Sendable, Hashable {
    package let id: UnitLeaseID
    package let granted: Int64
    /// The time by the node's clock when it asked for the lease: no unit of it was used before.
    package let since: Timestamp
    /// The slot of its end, with the margin of clocks.
    package let end: Int64
    package internal(set) var used: Int64 = 0
    package internal(set) var returned: Int64 = 0
    package internal(set) var isEnded = false

    init(id: UnitLeaseID, granted: Int64, since: Timestamp, end: Int64) {
        self.id = id
        self.granted = granted
        self.since = since
        self.end = end
    }

    /// The units that may be used without a report: they count in full.
    package var open: Int64 {
        isEnded ? 0 : max(0, granted - min(granted, used) - min(granted, returned))
    }
}

/// The rows of one limit: its newest slot, the used units by slot, and the leases.
struct UnitRow: Sendable {
    /// The newest slot of any grant or report; it never decreases.
    private(set) var newest: Int64 = 0
    private(set) var uses: [Int64: Int64] = [:]
    var leases: [UnitLeaseID: UnitLease] = [:]

    /// The units that count: those used in a slot of the window, and those open in leases that ended in one or later.
    /// The sum saturates.
    func taken(_ margins: EscrowMargins) -> Int64 {
        var sum: Int64 = 0
        for (slot, units) in uses where slot >= newest - margins.useTail {
            sum = sum.saturated(adding: units)
        }
        for lease in leases.values where lease.end >= newest - margins.tail {
            sum = sum.saturated(adding: lease.open)
        }
        return sum
    }

    func free(of most: Int64, _ margins: EscrowMargins) -> Int64 {
        max(0, most - min(max(most, 0), taken(margins)))
    }

    /// Advances to the slot and drops what counts no more.
    ///
    /// - Returns: the leases that were dropped.
    mutating func advance(to slot: Int64) -> [UnitLeaseID] {
        newest = max(newest, slot)
        let first = newest - RateWindow.slots
        uses = uses.filter { $0.key >= first }
        let dropped = leases.values.filter { $0.end < first }.map(\.id)
        for id in dropped { leases[id] = nil }
        return dropped
    }

    /// Counts used units in this slot, or in the newest one if that is later.
    mutating func count(_ units: Int64, in slot: Int64) {
        guard units > 0 else { return }
        let slot = max(slot, newest)
        uses[slot] = (uses[slot] ?? 0).saturated(adding: units)
    }

    /// Takes the sums of a report that are higher than those before.
    mutating func take(_ report: UnitReport, in slot: Int64) {
        guard var lease = leases[report.id] else { return }
        if report.used > lease.used {
            count(report.used - lease.used, in: slot)
            lease.used = report.used
        }
        lease.returned = max(lease.returned, report.returned)
        if report.isEnded { lease.isEnded = true }
        leases[report.id] = lease
    }
}

extension Int64 {
    /// The sum, or the largest number if it would be larger.
    ///
    /// - Parameter other: not negative.
    func saturated(adding other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
