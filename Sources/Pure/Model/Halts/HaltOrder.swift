package import InterlockJSON

/// A signed order to halt (docs/specs/kill-switch.md, section 3).
package typealias HaltOrder = DatedOrder<HaltContent>

/// The content of a halt order.
package struct HaltContent: OrderContent {
    package typealias Refusal = OrderRefusal

    package let target: HaltTarget
    /// True if a node issued the halt in its own name, with its own key; its scope is then `org`.
    package let local: Bool

    package static let payloadType = PayloadType.halt
    package static let largest = OrderLimits.bytes
    package static let takesPasskeys = true
    /// An expired credential can still halt, and an alert reports it.
    package static let takesExpiredCredentials = true

    package var action: HaltTarget { target }

    /// Is nil: a halt acts however late it arrives.
    package static var stale: OrderRefusal? { nil }

    package func missingRole(of person: TrustedPerson) -> Role? {
        person.roles.contains(.kill) ? nil : .kill
    }

    /// True if a node's key may sign this halt: of the organisation in the node's own name, or of an agent or a run by
    /// its detectors.
    var isFitForNode: Bool {
        switch target {
        case .org: local
        case .agent, .run: !local
        case .owner, .server, .tool, .drill: false
        }
    }

    package var members: JSONObject {
        var object: JSONObject = ["scope": .string(target.scope), "target": .string(target.target)]
        if local { object["local"] = true }
        return object
    }

    package static func members(of statement: JSONValue) -> [String] { ["scope", "target"] }
    package static let optionalMembers = ["local"]

    package init(_ fields: StrictFields) throws(FormError) {
        let scope = try fields.string("scope")
        local = fields.has("local") ? try fields.bool("local") : false
        if fields.has("local"), !local { throw fields.bad("local", "true, or absent") }
        target = try fields.made("target", "a target of its scope") {
            HaltTarget(scope: scope, target: $0)
        }
    }

    package init(target: HaltTarget, local: Bool = false) {
        self.target = target
        self.local = local
    }
}

extension HaltOrder {
    package var target: HaltTarget { content.target }
    package var local: Bool { content.local }

    /// - Throws: `badMember` if the reason is not acceptable.
    package init(
        id: OrderID, org: String, target: HaltTarget, reason: String, author: Pseudonym,
        at: Timestamp, local: Bool = false
    ) throws(FormError) {
        try self.init(
            id: id, org: org, content: HaltContent(target: target, local: local), reason: reason,
            author: author, at: at)
    }
}

/// Bounds that orders and epochs share.
package enum OrderLimits {
    /// The maximum difference between signing and arrival, in either direction, for orders that must be fresh.
    package static let leeway = Duration.seconds(600)
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

/// The requirement that `isFitReason` checks, for error messages.
package let fitReason =
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
