package import InterlockCommandLine
import InterlockCredentials
package import InterlockJSON
package import InterlockModel

extension PersonSigner {
    /// Returns an order with the current time, signed by the person whom the invocation names.
    ///
    /// - Parameter reason: the reason; if nil, it is taken from `--reason`.
    package static func order<Content: OrderContent>(
        _ content: Content, reason: String? = nil, _ invocation: Invocation,
        _ deployment: Deployment
    ) throws(Failure) -> (id: OrderID, envelope: Envelope) {
        let signer = try open(invocation, deployment)
        let org = try trustFile(of: deployment).org
        let reason = if let reason { reason } else { try invocation.require("reason") }
        let (id, payload) = try statement(
            content, org: org, reason: reason, by: signer.person.pseudonym)
        return (id, try signer.sign(Content.payloadType, payload))
    }
}

/// Returns a new order's id and the bytes to sign. The order has the current time.
package func statement(
    _ content: some OrderContent, org: String, reason: String, by author: Pseudonym
) throws(Failure) -> (id: OrderID, payload: [UInt8]) {
    let now = SystemClock().now.wall
    let id = newOrderID(at: now)
    let payload = try statement { () throws(FormError) in
        try DatedOrder(id: id, org: org, content: content, reason: reason, author: author, at: now)
            .canonical()
    }
    return (id, payload)
}

/// Returns the bytes to sign. A member that is not acceptable, such as a short reason, is a usage error.
package func statement(_ make: () throws(FormError) -> [UInt8]) throws(Failure) -> [UInt8] {
    do { return try make() } catch { throw Failure(.usage, "\(error)") }
}

package func newOrderID(at now: Timestamp) -> OrderID {
    OrderID(milliseconds: now.milliseconds, random: SystemEntropy().bytes(10))
}

/// Returns the order that the gateway stores, and its canonical bytes.
///
/// - Parameter kind: a noun for the order.
package func shownOrder<Order: SignedOrder>(
    in shown: JSONValue, _ kind: String
) throws(Failure) -> (order: Order, payload: [UInt8]) {
    do {
        let payload = try (shown["order"] ?? .null).canonical()
        return (try Order(parsing: payload), payload)
    } catch { throw Failure(.data, "the gateway's \(kind) is malformed: \(error)") }
}
