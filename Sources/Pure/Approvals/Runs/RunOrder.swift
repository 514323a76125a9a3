package import InterlockJSON
package import InterlockModel

/// What one person signs to pause a run or to let it go on (limits-and-monitoring.md, section 8). Its RFC 8785 bytes are
/// signed under the payload type `application/vnd.interlock.run+json`.
///
/// ```json
/// {"v":1,"type":"run","deed":"unpause","id":"01kag0...","org":"acme","run":"01kag0...",
///  "reason":"the loop was a missing page","author":"qAtv...","at":"2026-11-20T10:04:05.123456Z"}
/// ```
package struct RunOrder: Hashable, Sendable {
    package enum Action: String, Sendable { case pause, unpause }

    package let id: OrderID
    package let org: String
    package let run: RunID
    package let deed: Action
    package let reason: String
    package let author: Pseudonym
    package let at: Timestamp

    package static let largest = 4096

    /// - Throws: `badMember` for a reason that is not fit.
    package init(
        id: OrderID, org: String, run: RunID, deed: Action, reason: String, author: Pseudonym,
        at: Timestamp
    ) throws(FormError) {
        guard isFitReason(reason) else {
            throw .badMember(
                "reason",
                "\(OrderLimits.reason.lowerBound) to \(OrderLimits.reason.upperBound) characters "
                    + "on one line")
        }
        self.id = id
        self.org = org
        self.run = run
        self.deed = deed
        self.reason = reason
        self.author = author
        self.at = at
    }

    package var json: JSONValue {
        [
            "v": 1, "type": "run", "deed": .string(deed.rawValue), "id": .string(id.text),
            "org": .string(org), "run": .string(run.text), "reason": .string(reason),
            "author": .string(author.text), "at": .string(at.rfc3339()),
        ]
    }

    /// The bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(bytes, limit: RunOrder.largest),
            required: ["v", "type", "deed", "id", "org", "run", "reason", "author", "at"])
        try fields.expectVersion1()
        try fields.expect("type", "run")
        try self.init(
            id: try fields.made("id", "an order's id") { OrderID($0) },
            org: try fields.string("org"), run: try fields.made("run", "a run's id") { RunID($0) },
            deed: try fields.made("deed", "`pause` or `unpause`") { Action(rawValue: $0) },
            reason: try fields.string("reason", length: 1...RunOrder.largest),
            author: try fields.pseudonym("author"), at: try fields.time("at", fractionDigits: 6))
    }
}

extension RunOrder: SignedOrder {
    static var payloadType: PayloadType { .run }
}
