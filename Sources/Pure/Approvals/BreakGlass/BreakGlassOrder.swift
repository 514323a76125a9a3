package import InterlockJSON
package import InterlockModel

/// What one person signs to have a call decided by one instead of several, and what another person signs who
/// looked at that afterwards (specs of approvals, section 6). Its RFC 8785 bytes are signed under the payload
/// type `application/vnd.interlock.break-glass+json`.
///
/// ```json
/// {"v":1,"type":"break-glass","deed":"lower","id":"01kag0...","org":"acme","request":"01kag0...","revision":1,
///  "reason":"the other approver cannot be reached","ticket":"INC-4711","author":"qAtv...",
///  "at":"2026-11-20T10:04:05.123456Z"}
/// ```
package struct BreakGlassOrder: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// The quorum of this form of the request becomes one.
        case lower(revision: Int, ticket: String)
        /// Somebody else has looked at why.
        case review
    }

    package let id: OrderID
    package let org: String
    package let request: ApprovalID
    package let deed: Action
    package let reason: String
    package let author: Pseudonym
    package let at: Timestamp

    package static let largest = 4096
    /// Bytes.
    package static let tickets = 1...128

    /// - Throws: `badMember` for a reason or a ticket that is not fit.
    package init(
        id: OrderID, org: String, request: ApprovalID, deed: Action, reason: String,
        author: Pseudonym, at: Timestamp
    ) throws(FormError) {
        guard isFitReason(reason) else {
            throw .badMember(
                "reason",
                "\(OrderLimits.reason.lowerBound) to \(OrderLimits.reason.upperBound) characters "
                    + "on one line")
        }
        if case .lower(_, let ticket) = deed {
            guard Self.tickets.contains(ticket.utf8.count),
                ticket.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else { throw .badMember("ticket", "1 to \(Self.tickets.upperBound) bytes on one line") }
        }
        self.id = id
        self.org = org
        self.request = request
        self.deed = deed
        self.reason = reason
        self.author = author
        self.at = at
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "v": 1, "type": "break-glass", "id": .string(id.text), "org": .string(org),
            "request": .string(request.text), "reason": .string(reason),
            "author": .string(author.text), "at": .string(at.rfc3339()),
        ]
        switch deed {
        case .lower(let revision, let ticket):
            object["deed"] = "lower"
            object["revision"] = .integer(Int64(revision))
            object["ticket"] = .string(ticket)
        case .review: object["deed"] = "review"
        }
        return .object(object)
    }

    /// The bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let value = try StrictFields.canonicalValue(bytes, limit: BreakGlassOrder.largest)
        let isLowering = value["deed"]?.string == "lower"
        let fields = try StrictFields(
            value,
            required: ["v", "type", "deed", "id", "org", "request", "reason", "author", "at"]
                + (isLowering ? ["revision", "ticket"] : []))
        try fields.expectVersion1()
        try fields.expect("type", "break-glass")
        let deed: Action
        if isLowering {
            deed = .lower(
                revision: Int(try fields.integer("revision", in: 1...1_000_000)),
                ticket: try fields.string("ticket", length: Self.tickets))
        } else {
            try fields.expect("deed", "review")
            deed = .review
        }
        try self.init(
            id: try fields.made("id", "an order's id") { OrderID($0) },
            org: try fields.string("org"),
            request: try fields.made("request", "an approval's id") { ApprovalID($0) },
            deed: deed, reason: try fields.string("reason", length: 1...BreakGlassOrder.largest),
            author: try fields.pseudonym("author"),
            at: try fields.time("at", fractionDigits: 6))
    }
}
