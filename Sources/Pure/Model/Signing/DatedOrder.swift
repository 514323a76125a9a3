package import InterlockJSON

/// The members and rules that one kind of `DatedOrder` adds to those of all kinds.
package protocol OrderContent: OrderKind {
    associatedtype Action: Hashable, Sendable

    /// The refusal of an order that was not signed within `OrderLimits.leeway` of its arrival, or nil if orders of this
    /// kind need not be fresh.
    static var stale: Refusal? { get }
    /// The action that the order requests.
    var action: Action { get }
    /// - Throws: `badMember` if the content is not acceptable.
    func check() throws(FormError)
    var members: JSONObject { get }
}

extension OrderContent {
    package func check() throws(FormError) {}
}

/// An order that one person signs, with the time of signing.
package struct DatedOrder<Content: OrderContent>: SignedOrder {
    package typealias Refusal = Content.Refusal
    package typealias Action = Content.Action

    package let id: OrderID
    package let org: String
    package let content: Content
    /// The reason, displayed wherever people see the order.
    package let reason: String
    package let author: Pseudonym
    package let at: Timestamp

    /// - Throws: `badMember` if the reason or the content is not acceptable.
    package init(
        id: OrderID, org: String, content: Content, reason: String, author: Pseudonym,
        at: Timestamp
    ) throws(FormError) {
        guard isFitReason(reason) else { throw .badMember("reason", fitReason) }
        try content.check()
        self.id = id
        self.org = org
        self.content = content
        self.reason = reason
        self.author = author
        self.at = at
    }

    package static var payloadType: PayloadType { Content.payloadType }
    package static var largest: Int { Content.largest }
    package static var takesPasskeys: Bool { Content.takesPasskeys }
    package static var takesExpiredCredentials: Bool { Content.takesExpiredCredentials }
    package static var optionalMembers: [String] { Content.optionalMembers }
    package static func members(of statement: JSONValue) throws(FormError) -> [String] {
        try ["author", "at"] + Content.members(of: statement)
    }

    package var action: Action { content.action }
    package var authors: [Pseudonym] { [author] }
    package func missingRole(of person: TrustedPerson) -> Role? { content.missingRole(of: person) }

    package func staleness(at now: Timestamp) -> Refusal? {
        at <= now + OrderLimits.leeway && now <= at + OrderLimits.leeway ? nil : Content.stale
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "v": 1, "type": .string(Self.type), "id": .string(id.text), "org": .string(org),
            "reason": .string(reason), "author": .string(author.text),
            "at": .string(at.rfc3339()),
        ]
        for (name, value) in content.members.members { object[name] = value }
        return .object(object)
    }

    package init(_ fields: StrictFields) throws(FormError) {
        try self.init(
            id: try fields.made("id", "an order's id") { OrderID($0) },
            org: try fields.string("org"), content: try Content(fields),
            reason: try fields.string("reason", length: 1...Self.largest),
            author: try fields.pseudonym("author"), at: try fields.time("at", fractionDigits: 6))
    }
}
