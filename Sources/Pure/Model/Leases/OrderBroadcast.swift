package import InterlockJSON

/// A direct message between nodes: signed orders and the sender's epoch. The receiver does not trust the sender; it
/// verifies each order as if a person had submitted it.
package struct OrderBroadcast: Hashable, Sendable {
    package static let mostOrders = 256

    package let org: String
    package let node: String
    package let epoch: Int64
    package let orders: [Envelope]

    package init(org: String, node: String, epoch: Int64, orders: [Envelope]) {
        self.org = org
        self.node = node
        self.epoch = epoch
        self.orders = orders
    }

    package var json: JSONValue {
        [
            "v": 1, "type": "push", "org": .string(org), "node": .string(node),
            "epoch": .integer(epoch), "orders": .array(orders.map(\.json)),
        ]
    }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.value(bytes, limit: 16 << 20),
            required: ["v", "type", "org", "node", "epoch", "orders"])
        try fields.expectVersion1()
        try fields.expect("type", "push")
        var orders: [Envelope] = []
        for value in try fields.array("orders", count: 0...Self.mostOrders) {
            orders.append(try Envelope(json: value, at: "orders"))
        }
        self.init(
            org: try fields.string("org"), node: try fields.string("node"),
            epoch: try fields.integer("epoch", in: 0...JSONValue.largestInteger), orders: orders)
    }
}

/// The response of one point to an order.
package struct Acknowledgement: Hashable, Sendable {
    package let halt: OrderID
    package let point: String
    package let milliseconds: Int64
    package let cancelled: Int64
    package let unknown: Int64
    package let left: Int64

    /// - Throws: an error if the bytes are malformed; the caller treats that as unconfirmed.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.value(bytes, limit: 4096),
            required: ["v", "type", "halt", "point", "ms", "cancelled", "unknown", "left"])
        try fields.expectVersion1()
        try fields.expect("type", "ack")
        let range = 0...JSONValue.largestInteger
        halt = try fields.made("halt", "a halt's id") { OrderID($0) }
        point = try fields.string("point")
        milliseconds = try fields.integer("ms", in: range)
        cancelled = try fields.integer("cancelled", in: range)
        unknown = try fields.integer("unknown", in: range)
        left = try fields.integer("left", in: range)
    }
}
