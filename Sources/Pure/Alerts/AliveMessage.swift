package import InterlockJSON
package import InterlockModel

/// A message sent every minute to an external receiver, which raises an alarm when the messages stop.
package struct AliveMessage: Sendable, Equatable {
    package let origin: String
    package let at: Timestamp
    /// The size of the audit log in records.
    package let size: UInt64
    package let isHalted: Bool
    /// The number of notifications that wait for their channels.
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
