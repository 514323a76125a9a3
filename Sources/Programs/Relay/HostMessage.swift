import InterlockJSON
import InterlockMCP

/// One line of the host, with the properties that the relay needs.
struct HostMessage: Sendable {
    let bytes: [UInt8]
    let id: RequestID?
    let method: String?
    let params: JSONObject
    let era: Era

    /// - Returns: nil if the bytes are not JSON.
    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes, limits: .agent) else { return nil }
        self.bytes = bytes
        id = value["id"].flatMap(RequestID.init)
        method = value["method"]?.string
        params = value["params"]?.object ?? JSONObject()
        era = Era.detect(versionHeader: nil, message: value)
    }

    /// Makes a request of the relay itself, in the modern era and with the `_meta` of another message.
    init(_ method: String, _ params: JSONObject, like other: HostMessage) {
        var params = params
        var meta = other.params["_meta"]?.object ?? JSONObject()
        meta["progressToken"] = nil
        params["_meta"] = .object(meta)
        let message: JSONObject = [
            "jsonrpc": "2.0", "id": 0, "method": .string(method), "params": .object(params),
        ]
        bytes = message.serialized()
        id = .integer(0)
        self.method = method
        self.params = params
        era = .modern
    }

    /// Is true for a subscription, whose response arrives at its end, possibly days later.
    var isSubscription: Bool { era == .modern && method == "subscriptions/listen" }

    /// The id of the request that `notifications/cancelled` cancels.
    var cancelled: RequestID? {
        method == "notifications/cancelled" ? params["requestId"].flatMap(RequestID.init) : nil
    }
}
