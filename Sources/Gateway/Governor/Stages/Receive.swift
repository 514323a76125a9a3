import InterlockJSON
package import InterlockModel
package import InterlockPorts

/// A request to the agent plane whose head is acceptable: path, method, Host, Origin, size.
package final class ReceivedRequest: Sendable {
    package let head: RequestHead
    /// The server of `/mcp/<server>`; nil at `/mcp`.
    package let server: ServerName?
    package let method: Method
    package let at: ClockReading

    package enum Method: String, Sendable {
        case post = "POST"
        case get = "GET"
        case delete = "DELETE"
    }

    fileprivate init(head: RequestHead, server: ServerName?, method: Method, at: ClockReading) {
        self.head = head
        self.server = server
        self.method = method
        self.at = at
    }
}

extension CallPipeline {
    /// Checks the head alone, in this order: path, Host, Origin, method, size, coding (docs/specs/mcp.md, sections 6
    /// and 10). Makes nothing durable.
    func receive(_ head: RequestHead) -> Result<ReceivedRequest, RefusedRequest> {
        func refused(_ response: HTTPResponse) -> Result<ReceivedRequest, RefusedRequest> {
            .failure(RefusedRequest(.http(response), .head))
        }
        guard let route = Route(path: head.path) else {
            return refused(.plain(404, "no such path; agents speak to /mcp or /mcp/<server>"))
        }
        // The Host on a local socket is arbitrary; the socket file's mode protects it.
        if case .agents = head.listener, !gateway.settings.allows(host: head["host"]) {
            return refused(.plain(421, "this Host is not served here"))
        }
        if let origin = head["origin"], !gateway.settings.origins.contains(origin) {
            return refused(.plain(403, "this Origin is not allowed"))
        }
        guard let method = ReceivedRequest.Method(rawValue: head.method) else {
            return refused(.plain(405, "use POST, GET or DELETE", ("allow", "POST, GET, DELETE")))
        }
        let limit = gateway.settings.bodyLimitBytes
        if let length = head.contentLength, length > limit {
            return refused(.plain(413, "the body is larger than \(limit) bytes"))
        }
        if let refusal = head.codedBodyRefusal { return refused(refusal) }
        return .success(
            ReceivedRequest(head: head, server: route.server, method: method, at: gateway.clock.now)
        )
    }
}

/// Parses `/mcp` or `/mcp/<server>`; agents have no other endpoint.
private struct Route {
    let server: ServerName?

    init?(path: String) {
        if path == "/mcp" {
            server = nil
            return
        }
        guard path.hasPrefix("/mcp/"), let name = ServerName(String(path.dropFirst(5))) else {
            return nil
        }
        server = name
    }
}
