package import InterlockJSON

/// A halt as somebody signed it (specs of the kill switch, section 3).
package struct HaltOrder: Hashable, Sendable {
    package let id: OrderID
    package let org: String
    package let target: HaltTarget
    /// Shown to people wherever the halt is shown, never to the agent.
    package let reason: String
    package let author: Pseudonym
    package let at: Timestamp
    /// Made by a node that could not know its own state, signed by the node's key; scope `org` only.
    package let local: Bool

    /// - Throws: `badMember` when the reason is not fit.
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

    /// The bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] { try canonicalBytes(json) }
}

/// Bounds that halts, releases and epochs share.
package enum OrderLimits {
    /// Of one order's statement.
    package static let bytes = 64 * 1024
    /// Characters (Unicode scalars) of a reason.
    package static let reason = 8...500
    /// Halts named by one release.
    package static let halts = 1000
    /// Orders that one node remembers.
    package static let orders = 100_000
    package static let epochBytes = 16 << 20
}

let fitReason =
    "\(OrderLimits.reason.lowerBound) to \(OrderLimits.reason.upperBound) characters on one line"

/// A reason is shown on terminals: no control characters, not only spaces.
package func isFitReason(_ text: String) -> Bool {
    OrderLimits.reason.contains(text.unicodeScalars.count)
        && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        && text.unicodeScalars.contains { !$0.properties.isWhitespace }
}

/// The nearest fit reason: control characters become spaces, too much is cut, too little is explained.
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
