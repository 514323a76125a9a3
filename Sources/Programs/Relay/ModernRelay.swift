import InterlockCommandLine
import InterlockJSON
import InterlockMCP
import InterlockTransport

/// Relays messages of the modern era: without a session, with headers from the body; closing its response stream
/// cancels a request.
final class ModernRelay: Sendable {
    /// The maximum number of pages that are read of one list.
    private static let maximumPages = 256

    private let endpoint: RelayEndpoint
    private let book = RoutingHeaderCache()
    private let posts = InFlightRequests()

    init(_ endpoint: RelayEndpoint) { self.endpoint = endpoint }

    /// Registers a request, so that it can be cancelled before it is sent.
    func begin(_ id: RequestID) { posts.begin(id) }

    /// - Returns: false if no modern request with this id is in flight.
    func cancel(_ id: RequestID) -> Bool { posts.cancel(id) }

    /// Sends a notification and ignores the response.
    func tell(_ message: HostMessage) {
        _ = try? endpoint.client.send(
            "POST", endpoint.path, headers: headers(of: message), body: message.bytes)
    }

    /// Sends a request and passes on the response, but no response after a cancellation.
    func ask(_ message: HostMessage, _ id: RequestID, _ print: ([UInt8]) -> Void) {
        var relayed: Relayed
        do throws(LocalFailure) {
            relayed = try relay(message, id, print)
            if case .answer(let answer) = relayed, message.method == "tools/call",
                answer.message?["error"]?["code"]?.integer == JSONRPCError.headerMismatch
            {
                // The call was refused before it was evaluated. The list may declare the headers that were missing.
                try readList(like: message)
                relayed = try relay(message, id, print)
            }
        } catch { relayed = .lost(error) }
        guard !posts.end(id) else { return }
        switch relayed {
        case .answered: return
        case .lost(let failure) where message.isSubscription && failure.code != .unreachable:
            print(Self.cancelled(id))
            print(JSONRPCWriter.error(id: id, .lostSubscription))
        case .lost(let failure): print(JSONRPCWriter.error(id: id, .lost(failure)))
        case .answer(let answer):
            if message.method == "tools/list", let result = answer.message?["result"]?.object {
                book.learn(result)
            }
            print(answer.bytes)
        }
    }

    private enum Relayed {
        /// One message that must still be passed on.
        case answer(GatewayResponse)
        /// An event stream with the response; all messages were passed on.
        case answered
        case lost(LocalFailure)
    }

    private func relay(
        _ message: HostMessage, _ id: RequestID, _ print: ([UInt8]) -> Void
    ) throws(LocalFailure) -> Relayed {
        let stream = try endpoint.client.open(
            "POST", endpoint.path, headers: headers(of: message), body: message.bytes
        ) { self.posts.opened(id, $0) }
        guard stream.isEvents else {
            return .answer(GatewayResponse(try stream.rest(), status: stream.head.status, to: id))
        }
        var isAnswered = false
        try stream.relayEvents { event in
            let told = try? JSONValue(parsing: event, limits: .upstream)
            if told?["method"] == nil, told?["id"].flatMap(RequestID.init) == id {
                isAnswered = true
                // The host has one pipe, so only this notification shows that a subscription is over.
                if message.isSubscription { print(Self.cancelled(id)) }
            }
            print(event)
        }
        return isAnswered ? .answered : .lost(LocalFailure(.lost, "the answer did not come"))
    }

    private static func cancelled(_ id: RequestID) -> [UInt8] {
        JSONRPCWriter.notification(
            method: "notifications/cancelled", params: ["requestId": id.json])
    }

    private func readList(like message: HostMessage) throws(LocalFailure) {
        var params = JSONObject()
        for _ in 0..<Self.maximumPages {
            let page = HostMessage("tools/list", params, like: message)
            let answer = try endpoint.client.send(
                "POST", endpoint.path, headers: headers(of: page), body: page.bytes)
            guard
                let result = (try? JSONValue(parsing: answer.body, limits: .upstream))?["result"]?
                    .object
            else { return }
            book.learn(result)
            guard let cursor = result["nextCursor"]?.string else { return }
            params["cursor"] = .string(cursor)
        }
    }

    private func headers(of message: HostMessage) -> [(name: String, value: String)] {
        endpoint.headers + book.headers(of: message)
    }
}
