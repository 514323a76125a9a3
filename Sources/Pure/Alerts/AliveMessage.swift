package import InterlockJSON
package import InterlockModel

/// A signed statement of a node that it is alive: sent every minute to `alerts.deadman`, and the response to
/// `GET /alive` of a watcher.
package struct AliveMessage: Sendable, Equatable {
    package let origin: String
    /// The time in whole milliseconds.
    package let at: Timestamp
    /// The size of the audit log in records.
    package let size: UInt64
    package let isHalted: Bool
    /// The number of notifications that wait for their channels.
    package let waiting: Int
    /// The challenge of the request that it answers; nil if the node sent it unasked.
    package let challenge: AliveChallenge?

    package init(
        origin: String, at: Timestamp, size: UInt64, isHalted: Bool, waiting: Int,
        challenge: AliveChallenge? = nil
    ) {
        self.origin = origin
        self.at = at.wholeMillisecond
        self.size = size
        self.isHalted = isHalted
        self.waiting = waiting
        self.challenge = challenge
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "v": 1, "origin": .string(origin), "at": .string(at.rfc3339(fractionDigits: 3)),
            "size": .integer(Int64(clamping: size)), "halted": .bool(isHalted),
            "waiting": .integer(Int64(waiting)),
        ]
        object["challenge"] = challenge.map { .string($0.text) }
        return .object(object)
    }

    /// Parses a payload. Rejects everything except the RFC 8785 form with exactly these members.
    package init(parsing payload: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(payload, limit: Self.longest),
            required: ["v", "origin", "at", "size", "halted", "waiting"], optional: ["challenge"])
        _ = try fields.integer("v", in: 1...1)
        origin = try fields.string("origin", length: 1...255)
        at = try fields.made("at", "a time") { Timestamp(rfc3339: $0)?.wholeMillisecond }
        size = UInt64(try fields.integer("size", in: 0...Int64.max))
        isHalted = try fields.bool("halted")
        waiting = Int(try fields.integer("waiting", in: 0...Int64.max))
        challenge =
            fields.has("challenge")
            ? try fields.made("challenge", "16 to 64 lower-case hex digits", AliveChallenge.init)
            : nil
    }

    /// The maximum size of a payload in bytes.
    private static let longest = 4096
}

/// Random text of a watcher that the response must repeat, so that no recorded response passes for a new one: 16 to 64
/// lower-case hex digits.
package struct AliveChallenge: Sendable, Equatable {
    package let text: String

    package init?(_ text: String) {
        guard (16...64).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.text = text
    }

    /// - Parameter random: 8 to 32 bytes.
    package init?(random: [UInt8]) { self.init(Hex.encode(random)) }
}
