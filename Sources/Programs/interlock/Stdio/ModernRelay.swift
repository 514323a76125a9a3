import InterlockJSON
import InterlockMCP
import InterlockTransport

/// Relays messages of the modern era: no session, headers from the body, and a request is cancelled by
/// closing its response stream.
final class ModernRelay: Sendable {
    /// A list that names another page for ever ends here.
    private static let maximumPages = 256

    private let endpoint: RelayEndpoint
    private let book = HeaderBook()
    private let posts = OpenPosts()

    init(_ endpoint: RelayEndpoint) { self.endpoint = endpoint }

    /// Announces a request, so that it can be cancelled before it is sent.
    func begin(_ id: RequestID) { posts.begin(id) }

    /// - Returns: false when no modern request with this id is under way.
    func cancel(_ id: RequestID) -> Bool { posts.cancel(id) }

    /// A notification; nobody waits for an answer.
    func tell(_ message: HostMessage) {
        _ = try? endpoint.client.send(
            "POST", endpoint.path, headers: headers(of: message), body: message.bytes)
    }

    /// Sends a request and hands on what is answered; nothing after a cancellation.
    func ask(_ message: HostMessage, _ id: RequestID, _ print: ([UInt8]) -> Void) {
        do throws(LocalFailure) {
            var last = try relay(message, id, print)
            if let answer = last, message.method == "tools/call",
                answer.message?["error"]?["code"]?.integer == JSONRPCError.headerMismatch
            {
                // Refused before it was judged. The list may say which headers were missing.
                try readList(like: message)
                last = try relay(message, id, print)
            }
            guard !posts.end(id), let last else { return }
            if message.method == "tools/list", let result = last.message?["result"]?.object {
                book.learn(result)
            }
            print(last.bytes)
        } catch {
            if !posts.end(id) { print(JSONRPCAnswer.error(id: id, .lost(error))) }
        }
    }

    /// - Returns: an answer that is one message; nil when it came as events, which were handed on.
    private func relay(
        _ message: HostMessage, _ id: RequestID, _ print: ([UInt8]) -> Void
    ) throws(LocalFailure) -> GatewayAnswer? {
        let stream = try endpoint.client.open(
            "POST", endpoint.path, headers: headers(of: message), body: message.bytes
        ) { self.posts.opened(id, $0) }
        guard stream.isEvents else {
            return GatewayAnswer(try stream.rest(), status: stream.head.status, to: id)
        }
        try stream.relayEvents(print)
        return nil
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
