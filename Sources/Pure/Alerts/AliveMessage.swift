package import InterlockJSON
package import InterlockModel

/// What a receiver elsewhere hears every minute, so that it alarms when it hears nothing any more.
package struct AliveMessage: Sendable, Equatable {
    package let origin: String
    package let at: Timestamp
    /// Of the log.
    package let size: UInt64
    package let isHalted: Bool
    /// Alerts that wait for their channels.
    package let waiting: Int

    package init(origin: String, at: Timestamp, size: UInt64, isHalted: Bool, waiting: Int) {
        self.origin = origin
        self.at = at
        self.size = size
        self.isHalted = isHalted
        self.waiting = waiting
    }

    package var json: JSONValue {
        [
            "v": 1, "origin": .string(origin), "at": .string(at.rfc3339(fractionDigits: 3)),
            "size": .integer(Int64(clamping: size)), "halted": .bool(isHalted),
            "waiting": .integer(Int64(waiting)),
        ]
    }
}
