package import InterlockModel

/// What was used of one limit in the last window, and what is set aside of it. Never more than the number that calls
/// are admitted by lies in any window of that length (limits-and-monitoring.md, section 3).
///
/// The window is cut into 60 slots, and the slot under way counts in full besides: what lies between two moments a
/// window apart lies in 61 of them. So units come back up to one slot, a sixtieth of the window, late.
package struct RateWindow: Sendable {
    package static let slots: Int64 = 60
    private static let ring = 61

    /// In microseconds.
    private let length: Int64
    private var units: InlineArray<61, Int64> = InlineArray(repeating: 0)
    /// The slot under way, counted from 1970; it never goes back.
    private var newest: Int64
    /// In all slots of the ring.
    package private(set) var used: Int64 = 0
    /// Set aside by calls whose end is not known; it never leaves by time.
    package private(set) var held: Int64 = 0

    /// - Parameter seconds: 1 to 86,400.
    package init(seconds: Int64, at now: Timestamp) {
        precondition((1...86_400).contains(seconds))
        length = seconds * 1_000_000
        newest = 0
        newest = slot(of: now)
    }

    /// What counts against the limit: never above 2^63-1, since what would be is not admitted.
    package var taken: Int64 { used + held }

    /// Time goes on to `now`; a time before the newest changes nothing.
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

    /// Sets units aside, unless `most` would be exceeded: then nothing changes.
    ///
    /// - Parameter amount: 0 or more.
    /// - Returns: whether they are.
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

    /// Units that were set aside come back: surely nothing was done.
    package mutating func giveBack(_ amount: Int64) {
        held -= min(amount, held)
    }

    /// Units that were set aside were used, at this time: what has left the window since is counted no more.
    package mutating func use(_ amount: Int64, at time: Timestamp) {
        let amount = min(amount, held)
        held -= amount
        recall(amount, at: time)
    }

    /// Units used before, out of a log; those that have left the window already are not counted. The sum saturates.
    package mutating func recall(_ amount: Int64, at time: Timestamp) {
        advance(to: time)
        let slot = slot(of: time)
        guard amount > 0, slot > newest - Int64(Self.ring) else { return }
        let fits = min(amount, Int64.max - taken)
        units[place(of: slot)] += fits
        used += fits
    }

    /// What was used is as of the other; what is set aside stays.
    mutating func takeUsed(of other: RateWindow) {
        let held = held
        self = other
        self.held = min(held, Int64.max - used)
    }

    /// What was used, by slot, oldest first: what a snapshot keeps of it.
    package var slotUnits: [(slot: Int64, units: Int64)] {
        (0..<Int64(Self.ring)).reversed().compactMap { age in
            let slot = newest - age
            let units = units[place(of: slot)]
            return units > 0 ? (slot, units) : nil
        }
    }

    /// The first moment of a slot of windows of this length.
    package static func start(of slot: Int64, seconds: Int64) -> Timestamp? {
        let (product, overflow) = slot.multipliedReportingOverflow(by: seconds * 1_000_000)
        guard slot >= 0, !overflow else { return nil }
        return Timestamp(microseconds: product / slots + (product % slots == 0 ? 0 : 1))
    }

    /// When there is room for so much again, if nothing else comes; nil when time alone makes none.
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

    /// Times before 1970 are taken as 1970.
    private func slot(of time: Timestamp) -> Int64 {
        // 60 times the microseconds of the year 4800 fit.
        let microseconds = min(max(time.microseconds, 0), Int64.max / Self.slots)
        return microseconds * Self.slots / length
    }

    private func start(of slot: Int64) -> Timestamp {
        Self.start(of: slot, seconds: length / 1_000_000) ?? Timestamp(microseconds: .max)
    }

    private func place(of slot: Int64) -> Int {
        let place = Int(slot % Int64(Self.ring))
        return place < 0 ? place + Self.ring : place
    }
}
