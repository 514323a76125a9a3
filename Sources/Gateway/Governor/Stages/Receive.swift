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
        // Another node that passed the request on has checked both, by its own names.
        if head.forwarder == nil {
            if case .agents = head.listener, !gateway.settings.allows(host: head["host"]) {
                return refused(.plain(421, "this Host is not served here"))
            }
            if let origin = head["origin"],
                !gateway.settings.allows(origin: origin, on: head["host"])
            {
                return refused(.plain(403, "this Origin is not allowed"))
            }
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

    /// The same for an event of a coding agent's hook, which comes over the socket of supervisors alone.
    func receive(hook head: RequestHead) -> Result<ReceivedRequest, RefusedRequest> {
        func refused(_ response: HTTPResponse) -> Result<ReceivedRequest, RefusedRequest> {
            .failure(RefusedRequest(.http(response), .head))
        }
        guard case .local = head.listener, head.query == nil else {
            return refused(.plain(404, "no such path"))
        }
        guard sameBytes(head.method, "POST") else {
            return refused(.plain(405, "use POST", ("allow", "POST")))
        }
        if let refusal = head.codedBodyRefusal { return refused(refusal) }
        return .success(
            ReceivedRequest(head: head, server: nil, method: .post, at: gateway.clock.now))
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

extension GatewaySettings {
    /// Returns whether the Host is one of this gateway, which protects browsers against DNS rebinding. Every listener
    /// that a local browser can reach must check it.
    package func allows(host: String?) -> Bool {
        guard let host else { return false }
        return hosts.contains(host.withoutPort.lowercased())
    }

    /// Returns whether a page of this Origin may send requests: if it is configured, or the page is of the Host that the
    /// request is for, which is checked before. A page from elsewhere has another Origin, whatever its name leads to.
    func allows(origin: String, on host: String?) -> Bool {
        if origins.contains(origin) { return true }
        guard let host, allows(host: host) else { return false }
        let own = host.lowercased()
        return ["http://", "https://"].contains { sameBytes(origin.lowercased(), $0 + own) }
    }
}

extension String {
    /// The host of `[::1]:80` or `localhost:80` without the port.
    fileprivate var withoutPort: String {
        let colon = UInt8(ascii: ":")
        guard let last = utf8.lastIndex(of: colon),
            utf8[utf8.index(after: last)...].allSatisfy({ (0x30...0x39).contains($0) }),
            !utf8[..<last].contains(colon) || utf8[..<last].last == UInt8(ascii: "]")
        else { return self }
        return String(self[..<last])
    }
}

extension HeadDecision {
    /// Returns the same decision, but 415 for a body with a content coding.
    package func refusingCoded(_ head: RequestHead) -> HeadDecision {
        guard case .readBody = self, let refusal = head.codedBodyRefusal else { return self }
        return .refuse(refusal)
    }
}

extension RequestHead {
    /// Is nil unless the body has a content coding: none is decoded, because the decision must be about the bytes as
    /// received.
    var codedBodyRefusal: HTTPResponse? {
        guard contentLength ?? 0 > 0 || self["transfer-encoding"] != nil,
            headers.contains(where: { $0.name == "content-encoding" && !Self.isIdentity($0.value) })
        else { return nil }
        return .plain(415, "the content encoding must be identity")
    }

    private static func isIdentity(_ coding: String) -> Bool {
        coding.utf8.elementsEqual("identity".utf8) { $0 | 0x20 == $1 }
    }
}
