import InterlockJSON
import InterlockMCP
import InterlockTransport

/// What the gateway answered to a request of the host, as the host gets it.
struct GatewayResponse {
    /// nil when it is no message.
    let message: JSONObject?
    let bytes: [UInt8]

    /// The gateway could not read the id of all that it refuses; the host must be able to match it.
    init(_ body: [UInt8], status: Int, to id: RequestID) {
        guard var answer = (try? JSONValue(parsing: body, limits: .upstream))?.object else {
            message = nil
            bytes = JSONRPCWriter.error(id: id, .odd(status))
            return
        }
        if answer["id"] == nil || answer["id"] == .null { answer["id"] = id.json }
        message = answer
        bytes = answer.serialized()
    }
}

extension LocalStream {
    var isEvents: Bool {
        head["content-type"]?.hasPrefix(StreamableHTTP.eventStream) == true
    }

    /// Hands on each message of an event stream, to its end.
    ///
    /// - Parameter note: gets where the stream can go on if it breaks.
    func relayEvents(
        note: (String) -> Void = { _ in }, _ print: ([UInt8]) -> Void
    ) throws(LocalFailure) {
        var parser = SSEParser()
        while let part = try next() {
            guard let events = try? parser.feed(part) else {
                throw LocalFailure(.notHTTP, "the answer is no event stream")
            }
            // An event without data only says where a broken stream could go on.
            for event in events where !event.data.isEmpty { print(event.data) }
            if let last = parser.lastEventID { note(last) }
        }
    }
}

extension JSONRPCError {
    /// An unknown outcome is said, never hidden by sending again.
    static func lost(_ failure: LocalFailure) -> JSONRPCError {
        let outcome = failure.code == .unreachable ? "not_executed" : "unknown"
        return JSONRPCError(
            code: 5020, message: "the gateway cannot be reached: \(failure)",
            data: ["reason": "gateway", "outcome": .string(outcome)])
    }

    static let lostSubscription = JSONRPCError(
        code: internalError, message: "the subscription is lost; open another one and read again")

    fileprivate static func odd(_ status: Int) -> JSONRPCError {
        JSONRPCError(code: JSONRPCError.internalError, message: "the gateway answered \(status)")
    }
}
