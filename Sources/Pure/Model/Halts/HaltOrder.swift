package import InterlockJSON

/// A halt as it was signed (docs/specs/kill-switch.md, section 3).
package struct HaltOrder: Hashable, Sendable {
    package let id: OrderID
    package let org: String
    package let target: HaltTarget
    /// The reason, displayed to people wherever the halt is, never to the agent.
    package let reason: String
    package let author: Pseudonym
    package let at: Timestamp
    /// True if a node that could not determine its own state issued the halt, signed by the node's key. Allowed only
    /// with scope `org`.
    package let local: Bool

    /// - Throws: `badMember` if the reason is not acceptable.
    package init(
        id: OrderID, org: String, target: HaltTarget, reason: String, author: Pseudonym,
        at: Timestamp, local: Bool = false
    ) throws(FormError) {
        guard isFitReason(reason) else { throw .badMember("reason", fitReason) }
        self.id = id
        self.org = org
        self.target = target
        self.reason = reason
        self.author = author
        self.at = at
        self.local = local
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "v": 1, "type": "halt", "id": .string(id.text), "org": .string(org),
            "scope": .string(target.scope), "target": .string(target.target),
            "reason": .string(reason), "author": .string(author.text),
            "at": .string(at.rfc3339()),
        ]
        if local { object["local"] = true }
        return .object(object)
    }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(bytes, limit: OrderLimits.bytes),
            required: ["v", "type", "id", "org", "scope", "target", "reason", "author", "at"],
            optional: ["local"])
        try fields.expectVersion1()
        try fields.expect("type", "halt")
        let scope = try fields.string("scope")
        let local = fields.has("local") ? try fields.bool("local") : false
        if fields.has("local"), !local { throw fields.bad("local", "true, or absent") }
        try self.init(
            id: try fields.made("id", "an order's id") { OrderID($0) },
            org: try fields.string("org"),
            target: try fields.made("target", "a target of its scope") {
                HaltTarget(scope: scope, target: $0)
            },
            reason: try fields.string("reason", length: 1...OrderLimits.bytes),
            author: try fields.pseudonym("author"),
            at: try fields.time("at", fractionDigits: 6), local: local)
    }

    /// Returns the bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] { try canonicalBytes(json) }
}

/// The bounds that halts, releases and epochs share.
package enum OrderLimits {
    /// The maximum size of one order's statement, in bytes.
    package static let bytes = 64 * 1024
    /// The length of a reason, in Unicode scalars.
    package static let reason = 8...500
    /// The maximum number of halts that one release names.
    package static let halts = 1000
    /// The maximum number of orders that one node remembers.
    package static let orders = 100_000
    package static let epochBytes = 16 << 20
}

let fitReason =
    "\(OrderLimits.reason.lowerBound) to \(OrderLimits.reason.upperBound) characters on one line"

/// Returns true if a reason is acceptable. Terminals display it, so it must contain no control characters and not only
/// white space.
package func isFitReason(_ text: String) -> Bool {
    OrderLimits.reason.contains(text.unicodeScalars.count)
        && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        && text.unicodeScalars.contains { !$0.properties.isWhitespace }
}

/// Returns an acceptable reason close to `text`: control characters become spaces, a long text is cut, and a text that
/// remains unacceptable is replaced by a fixed sentence.
package func fittingReason(_ text: String) -> String {
    var reason = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(OrderLimits.reason.upperBound) {
        reason.append(scalar.properties.generalCategory == .control ? " " : scalar)
    }
    let fitted = String(reason)
    return isFitReason(fitted) ? fitted : "stopped by the node itself"
}

func canonicalBytes(_ value: JSONValue) throws(FormError) -> [UInt8] {
    do { return try value.canonical() } catch { throw .json(error) }
}
