package import InterlockAlerts
package import InterlockGovernor
import InterlockJSON
package import InterlockModel
package import InterlockPorts

/// Makes the signed statements that this node is alive, for `alerts.deadman` and for watchers.
package struct AliveStatements: Sendable {
    /// The path of the people plane at which a watcher asks: `GET /alive?challenge=HEX`.
    package static let path = "/alive"

    private let gateway: Gateway
    private let alerts: NotificationService
    private let origin: String
    private let sign: @Sendable (_ payload: [UInt8]) async -> Envelope?

    /// - Parameter sign: signs a statement of the type `alive` with the log's current key, and returns nil if it cannot.
    package init(
        _ gateway: Gateway, _ alerts: NotificationService, origin: String,
        sign: @escaping @Sendable (_ payload: [UInt8]) async -> Envelope?
    ) {
        (self.gateway, self.alerts, self.origin, self.sign) = (gateway, alerts, origin, sign)
    }

    /// - Returns: nil if the origin has no canonical form, or the key's holder does not sign.
    package func statement(answering challenge: AliveChallenge? = nil) async -> Envelope? {
        let waiting = await alerts.statuses().reduce(0) { $0 + $1.waiting }
        let message = AliveMessage(
            origin: origin, at: gateway.clock.wall, size: gateway.ledger.status.size,
            isHalted: gateway.halts.halts.halt(of: .org) != nil, waiting: waiting,
            challenge: challenge)
        guard let payload = try? message.json.canonical() else { return nil }
        return await sign(payload)
    }

    /// Returns the statement for the query of a request; 400 if it has no challenge.
    package func response(to query: String?) async -> HTTPResponse {
        let name = "challenge="
        guard let query, query.hasPrefix(name),
            let challenge = AliveChallenge(String(query.dropFirst(name.utf8.count)))
        else {
            return .plain(400, "ask for \(Self.path)?challenge= and 16 to 64 lower-case hex digits")
        }
        guard let statement = await statement(answering: challenge) else {
            return .plain(503, "the statement cannot be made")
        }
        return HTTPResponse(
            status: 200,
            headers: [("content-type", "application/json"), ("cache-control", "no-store")],
            body: statement.bytes)
    }
}
