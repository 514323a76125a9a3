import InterlockCommandLine
import InterlockJSON
import InterlockMCP
import InterlockTransport

/// The gateway's response to a request of the host, in the form that the host receives.
struct GatewayResponse {
    /// Is nil if the body is not a JSON object.
    let message: JSONObject?
    let bytes: [UInt8]

    /// Adds the request's id if the response lacks it, so that the host can match it: the gateway cannot read the id
    /// of every request that it refuses.
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
    var isEvents: Bool { head["content-type"]?.hasPrefix(StreamableHTTP.eventStream) == true }

    /// Passes on each message of an event stream until its end.
    ///
    /// - Parameter note: receives the event id from which the stream can resume if it breaks.
    func relayEvents(
        note: (String) -> Void = { _ in }, _ print: ([UInt8]) -> Void
    ) throws(LocalFailure) {
        var parser = SSEParser()
        while let part = try next() {
            guard let events = try? parser.feed(part) else {
                throw LocalFailure(.notHTTP, "the answer is no event stream")
            }
            // An event without data only states where a broken stream can resume.
            for event in events where !event.data.isEmpty { print(event.data) }
            if let last = parser.lastEventID { note(last) }
        }
    }
}

extension JSONRPCError {
    /// Reports an unknown outcome, which must never be hidden by sending again.
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
