package import InterlockModel

/// The used and reserved units of one limit in the last window. No window of that length ever holds more units than the
/// number by which calls are admitted (docs/specs/limits-and-monitoring.md, section 3).
///
/// The window is divided into 60 slots, and the current slot counts in full in addition: the span between two moments a
/// window apart touches 61 slots. Units therefore become free up to one slot, a sixtieth of the window, late.
///
/// INVARIANT: no window of any start holds more than a limit's number, at any number of calls at once and after a
/// restart. Kept by `RateWindowTests`, `LimitCallTests`, `test_limits.py`.
package struct RateWindow: Sendable {
    package static let slots: Int64 = 60
    private static let ring = 61

    /// The window's length in microseconds.
    private let length: Int64
    private var units: InlineArray<61, Int64> = InlineArray(repeating: 0)
    /// The current slot, counted from 1970; it never decreases.
    private var newest: Int64
    /// The units in all slots of the ring.
    package private(set) var used: Int64 = 0
    /// Units reserved by calls whose outcome is unknown; they do not expire.
    package private(set) var held: Int64 = 0

    /// - Parameter seconds: 1 to 86,400.
    package init(seconds: Int64, at now: Timestamp) {
        precondition((1...86_400).contains(seconds))
        length = seconds * 1_000_000
        newest = 0
        newest = slot(of: now)
    }

    /// The units that count against the limit. The sum cannot exceed 2^63-1, because `admits` rejects an overflow.
    package var taken: Int64 { used + held }

    /// Advances the window to `now`; an earlier time changes nothing.
    package mutating func advance(to now: Timestamp) {
        let slot = slot(of: now)
        guard slot > newest else { return }
        let gone = min(slot - newest, Int64(Self.ring))
        for step in 1...gone {
            let place = place(of: newest + step)
            used -= units[place]
            units[place] = 0
        }
        newest = slot
    }

    /// Reserves units; changes nothing if `most` would be exceeded.
    ///
    /// - Parameter amount: at least 0.
    /// - Returns: whether the units are reserved.
    package mutating func hold(_ amount: Int64, of most: Int64, at now: Timestamp) -> Bool {
        advance(to: now)
        guard admits(amount, of: most) else { return false }
        held += amount
        return true
    }

    package func admits(_ amount: Int64, of most: Int64) -> Bool {
        guard amount >= 0 else { return false }
        let (sum, overflow) = taken.addingReportingOverflow(amount)
        return !overflow && sum <= most
    }

    /// Returns reserved units, because the call certainly was not executed.
    package mutating func giveBack(_ amount: Int64) { held -= min(amount, held) }

    /// Counts reserved units as used at this time; units that have left the window since are no longer counted.
    package mutating func use(_ amount: Int64, at time: Timestamp) {
        let amount = min(amount, held)
        held -= amount
        recall(amount, at: time)
    }

    /// Counts units from a log that were used earlier; those that have left the window already are not counted. The sum
    /// saturates.
    package mutating func recall(_ amount: Int64, at time: Timestamp) {
        advance(to: time)
        let slot = slot(of: time)
        guard amount > 0, slot > newest - Int64(Self.ring) else { return }
        let fits = min(amount, Int64.max - taken)
        units[place(of: slot)] += fits
        used += fits
    }

    /// Takes the used units from the other window; the reserved units stay.
    mutating func takeUsed(of other: RateWindow) {
        let held = held
        self = other
        self.held = min(held, Int64.max - used)
    }

    /// The used units by slot, oldest first, for a snapshot.
    package var slotUnits: [(slot: Int64, units: Int64)] {
        (0..<Int64(Self.ring)).reversed().compactMap { age in
            let slot = newest - age
            let units = units[place(of: slot)]
            return units > 0 ? (slot, units) : nil
        }
    }

    /// Returns the first moment of a slot of windows of this length.
    package static func start(of slot: Int64, seconds: Int64) -> Timestamp? {
        let (product, overflow) = slot.multipliedReportingOverflow(by: seconds * 1_000_000)
        guard slot >= 0, !overflow else { return nil }
        return Timestamp(microseconds: product / slots + (product % slots == 0 ? 0 : 1))
    }

    /// Returns the time at which the amount fits if no other call is made, or nil if time alone frees too little.
    package func room(for amount: Int64, of most: Int64) -> Timestamp? {
        guard amount <= most, amount >= 0, held <= most - amount else { return nil }
        var left = used
        for age in stride(from: Int64(Self.ring) - 1, through: 0, by: -1) {
            if left <= most - amount - held { break }
            let slot = newest - age
            left -= units[place(of: slot)]
            if left <= most - amount - held { return start(of: slot + Int64(Self.ring)) }
        }
        return start(of: newest)
    }

    /// Returns the slot of a time in windows of this length; times before 1970 count as 1970.
    ///
    /// - Parameter seconds: 1 to 86,400.
    package static func slot(of time: Timestamp, seconds: Int64) -> Int64 {
        slot(of: time, length: seconds * 1_000_000)
    }

    private static func slot(of time: Timestamp, length: Int64) -> Int64 {
        // The product fits: the bound is about the year 4800.
        let microseconds = min(max(time.microseconds, 0), Int64.max / slots)
        return microseconds * slots / length
    }

    private func slot(of time: Timestamp) -> Int64 { Self.slot(of: time, length: length) }

    private func start(of slot: Int64) -> Timestamp {
        Self.start(of: slot, seconds: length / 1_000_000) ?? Timestamp(microseconds: .max)
    }

    private func place(of slot: Int64) -> Int {
        let place = Int(slot % Int64(Self.ring))
        return place < 0 ? place + Self.ring : place
    }
}
