import InterlockJSON
import InterlockMCP

/// One line of the host, with what the relay has to know of it.
struct HostMessage: Sendable {
    let bytes: [UInt8]
    let id: RequestID?
    let method: String?
    let params: JSONObject
    let era: Era

    /// - Returns: nil for what is not JSON.
    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes, limits: .agent) else { return nil }
        self.bytes = bytes
        id = value["id"].flatMap(RequestID.init)
        method = value["method"]?.string
        params = value["params"]?.object ?? JSONObject()
        era = Era.detect(versionHeader: nil, message: value)
    }

    /// A request of the relay's own, in the modern era and under the `_meta` of another.
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

    /// It is answered at its end, which may be days away.
    var isSubscription: Bool { era == .modern && method == "subscriptions/listen" }

    /// What `notifications/cancelled` speaks of.
    var cancelled: RequestID? {
        method == "notifications/cancelled" ? params["requestId"].flatMap(RequestID.init) : nil
    }
}
