package import InterlockJSON

/// The numbered state after an order, signed by the node. The newest epoch suffices: it names every halt and every
/// order, so a missing order file is detected at the next start.
package struct Epoch: Hashable, Sendable {
    package let org: String
    /// The number, which rises by one with each order; 0 is the empty state that `interlock init` creates.
    package let number: Int64
    /// The SHA-256 of the previous epoch's statement, or nil if `number` is 0.
    package let previous: Digest?
    /// The ids of active halts, sorted.
    package let active: [OrderID]
    /// The ids of released halts, sorted.
    package let released: [OrderID]
    /// The SHA-256 of the statement of each order that was ever accepted, sorted.
    package let orders: [Digest]
    package let node: String
    package let at: Timestamp

    package static func first(org: String, node: String, at: Timestamp) -> Epoch {
        Epoch(
            org: org, number: 0, previous: nil, active: [], released: [], orders: [], node: node,
            at: at)
    }

    /// Returns the successor of this epoch.
    func next(
        _ set: HaltSet, orders: Set<Digest>, at: Timestamp, hashing: some Hashing
    ) throws(FormError) -> Epoch {
        Epoch(
            org: org, number: number + 1, previous: hashing.sha256(try canonical()),
            active: set.active.keys.sorted { $0.text < $1.text },
            released: set.released.sorted { $0.text < $1.text },
            orders: orders.sorted { $0.hex < $1.hex }, node: node, at: at)
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "v": 1, "type": "epoch", "org": .string(org), "n": .integer(number),
            "active": .array(active.map { .string($0.text) }),
            "released": .array(released.map { .string($0.text) }),
            "orders": .array(orders.map { .string($0.prefixed) }), "node": .string(node),
            "at": .string(at.rfc3339()),
        ]
        if let previous { object["prev"] = .string(previous.prefixed) }
        return .object(object)
    }

    /// Returns the bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] { try canonicalBytes(json) }
}

extension Epoch {
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(bytes, limit: OrderLimits.epochBytes),
            required: ["v", "type", "org", "n", "active", "released", "orders", "node", "at"],
            optional: ["prev"])
        try fields.expectVersion1()
        try fields.expect("type", "epoch")
        number = try fields.integer("n", in: 0...JSONValue.largestInteger - 1)
        previous =
            fields.has("prev")
            ? try fields.made("prev", "a digest") { Digest(prefixed: $0) } : nil
        guard (previous == nil) == (number == 0) else {
            throw fields.bad("prev", "there from epoch 1 on")
        }
        org = try fields.string("org")
        active = try fields.list("active", count: 0...OrderLimits.orders, "an order's id") {
            OrderID($0)
        }
        released = try fields.list("released", count: 0...OrderLimits.orders, "an order's id") {
            OrderID($0)
        }
        orders = try fields.list("orders", count: 0...OrderLimits.orders, "a digest") {
            Digest(prefixed: $0)
        }
        node = try fields.string("node")
        at = try fields.time("at", fractionDigits: 6)
    }
}
