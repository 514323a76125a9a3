/// The offset of a time zone from UTC at any time.
package struct ZoneRules: Sendable, Hashable {
    /// An instant at which another offset takes effect.
    struct Transition: Sendable, Hashable {
        /// The time in seconds since 1970.
        let time: Int64
        /// The offset in seconds east of UTC.
        let offset: Int
    }

    /// The offset before the first transition.
    private let first: Int
    /// The transitions, in strictly ascending order of time.
    private let transitions: [Transition]
    /// The rule after the last transition, or nil if its offset applies for ever.
    private let later: ZoneYear?

    init(first: Int, transitions: [Transition], later: ZoneYear?) {
        self.first = first
        self.transitions = transitions
        self.later = later
    }

    /// A zone whose clocks never change.
    package init(fixedSeconds: Int) { self.init(first: fixedSeconds, transitions: [], later: nil) }

    /// Parses `UTC`, or hours and minutes with an optional sign: `+11:00`, `-02:30`, `02:00`.
    ///
    /// - Returns: nil for any other text, including names of the tz database.
    package init?(offsetText text: String) {
        var digits = Array(text.utf8)[...]
        if digits.elementsEqual("UTC".utf8) {
            self.init(fixedSeconds: 0)
            return
        }
        let isWest = digits.first == UInt8(ascii: "-")
        if isWest || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
        let places = Array(digits)
        guard places.count == 5, places[2] == UInt8(ascii: ":"),
            let hours = Self.number(places[..<2], below: 24),
            let minutes = Self.number(places[3...], below: 60)
        else { return nil }
        let seconds = hours * 3600 + minutes * 60
        self.init(fixedSeconds: isWest ? -seconds : seconds)
    }

    /// Returns the offset in seconds east of UTC at a time in seconds since 1970.
    package func offset(at seconds: Int64) -> Int {
        guard let last = transitions.last else { return later?.offset(at: seconds) ?? first }
        if seconds >= last.time { return later?.offset(at: seconds) ?? last.offset }
        // INVARIANT: all transitions before `low` are at or before the time; all from `high` on are after it.
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].time <= seconds { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : transitions[low - 1].offset
    }

    private static func number(_ digits: ArraySlice<UInt8>, below limit: Int) -> Int? {
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value < limit ? value : nil
    }
}
