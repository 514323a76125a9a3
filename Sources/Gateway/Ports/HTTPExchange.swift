package import InterlockJSON
package import InterlockModel
package import Synchronization

// HTTP as the gateway sees it: validated bytes in, bytes out. The transport owns sockets and framing.

package enum Listener: Hashable, Sendable {
    /// Agents: `http://127.0.0.1:7400/mcp`.
    case agents
    /// People: health, readiness, metrics, the console.
    case people
    /// Other nodes of the cluster (docs/specs/cluster.md, section 2).
    case nodes
    /// `state/interlock.sock`, with the peer's credentials from the kernel.
    case local(uid: UInt32, pid: Int32)
}

/// The origin of a connection, by which failures are counted.
package enum RequestSource: Hashable, Sendable {
    case unknown
    /// An IPv4 address in the low half, or the network of an IPv6 one (64 bits) in the high half.
    case address(high: UInt64, low: UInt64)
    /// The user of a local socket, from the kernel.
    case user(UInt32)
}

package final class RequestHead: Sendable {
    package let listener: Listener
    package let source: RequestSource
    /// Is nil at a local socket, and if the connection is gone.
    package let peer: ConnectionPeer?
    package let method: String
    /// The path of the target with its percent-encoding; always begins with `/`.
    package let path: String
    /// The part after the `?`, without the `?`.
    package let query: String?
    /// Names in lower case, in order of arrival. Duplicate Host, Content-Length and Authorization
    /// were refused by the transport.
    package let headers: [(name: String, value: String)]
    /// Content-Length; is nil if the body is chunked or absent.
    package let contentLength: Int?
    /// SHA-256 of the SubjectPublicKeyInfo of the certificate whose key the client has proven over TLS.
    package let clientKey: Digest?
    /// The certificate of the other node at a listener for nodes. No authority was asked: the handler judges it.
    package let certificate: PeerCertificate?
    /// The name of the member that passed the request on, with what it saw of its client; nil if an agent sent it here.
    package let forwarder: String?
    /// The token of `Authorization: Bearer ...`; the scheme's case does not matter (RFC 9110, 11.1).
    package let bearer: String?
    /// The first value of each name. Connections repeat their heads, so this is made once for many requests.
    private let first: [ExactText: String]
    /// The cached identification of `bearer`; only `identify` uses it.
    package let proven = Mutex<ProvenCredential?>(nil)
    /// True if the credential was bound to `workload`.
    package let isBound = Atomic<Bool>(false)

    package init(
        listener: Listener, method: String, path: String, query: String?,
        headers: [(name: String, value: String)], contentLength: Int?, clientKey: Digest? = nil,
        certificate: PeerCertificate? = nil, source: RequestSource = .unknown,
        peer: ConnectionPeer? = nil, forwarder: String? = nil
    ) {
        self.listener = listener
        self.peer = peer
        self.source = source
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.contentLength = contentLength
        self.clientKey = clientKey
        self.certificate = certificate
        self.forwarder = forwarder
        var first: [ExactText: String] = [:]
        first.reserveCapacity(headers.count)
        for (name, value) in headers where first[name] == nil { first[name] = value }
        self.first = first
        bearer = first["authorization"].flatMap(Self.bearer)
    }

    /// The workload that the connection proves.
    package var workload: Workload {
        if let clientKey { return .key(clientKey) }
        if case .local(let uid, _) = listener { return .user(uid) }
        return .anyone
    }

    /// The first value of a header; `name` in lower case.
    package subscript(name: String) -> String? { first[name] }

    private static func bearer(_ authorization: String) -> String? {
        let bytes = authorization.utf8
        guard bytes.count > 7,
            bytes.prefix(7).elementsEqual("bearer ".utf8, by: { $0 | 0x20 == $1 })
        else { return nil }
        return String(bytes.dropFirst(7))
    }
}

package struct HTTPResponse: Sendable {
    package var status: Int
    /// Content-Length, Connection and Date are added by the transport.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package static func json(_ status: Int, _ value: JSONValue) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("content-type", "application/json")],
            body: value.serialized())
    }
}

package enum HeadDecision: Sendable {
    /// Responds at once; the body is not read and the connection closes after the response.
    case refuse(HTTPResponse)
    /// Continues with the body; a body above the limit is answered with 413.
    case readBody(limitBytes: Int)
}

/// Serves a listener. Both methods run on the connection's own loop.
package protocol RequestHandler: Sendable {
    /// Decides on the head, before any of the body is read. Must not block.
    func judge(_ head: RequestHead) -> HeadDecision
    /// Handles the whole request. Returns after the response was passed to `exchange`, or its events were left to
    /// others (`Exchange.outlive`). Pipelined requests of one
    /// connection are handled one after the other.
    func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async
}

/// The response to one request: either one whole response, or an event stream. Used on the connection's loop.
package protocol Exchange: AnyObject, Sendable {
    func respond(_ response: HTTPResponse)
    /// Sends status 200 and the head of a `text/event-stream`; keep-alive comments follow every 15 s
    /// until the end.
    func startEvents(headers: [(name: String, value: String)])
    /// Sends the bytes of one whole event, including its final empty line.
    func send(event: [UInt8])
    func endEvents()
    /// The open event stream outlives its handler, which returns: `endEvents` completes the request, also after its client
    /// has left. So an idle stream keeps none of its handler's memory.
    func outlive()
    /// Runs the handler when the client's connection closes before the response is complete; at once if it has closed.
    func onClose(_ handler: @escaping @Sendable () -> Void)
    /// Records who has proven to hold this connection: it is not closed to make room for others, within the holder's
    /// share. nil revokes the claim.
    func keepPlace(for holder: String?)
}

extension Exchange { package func keepPlace(for holder: String?) {} }

extension HTTPResponse {
    /// A short plain-text response.
    package static func plain(
        _ status: Int, _ text: String, _ headers: (name: String, value: String)...
    ) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("content-type", "text/plain; charset=utf-8")] + headers,
            body: Array((text + "\n").utf8))
    }
}

extension HTTPResponse {
    /// The header of responses to another node, which no agent gets: `answer`, or `not-mine`.
    package static let forwardedHeader = "interlock-forwarded"

    /// The response to another node: this one does not serve the run.
    package static var notMine: HTTPResponse {
        HTTPResponse(status: 421, headers: [(forwardedHeader, "not-mine")])
    }
}

extension RequestHead {
    /// The key by which attempts to sign in or to enrol are counted: the last address of the last `X-Forwarded-For`,
    /// which the proxy before the people plane writes itself, whatever its client sent. Is nil without that header,
    /// because then the request comes from the gateway's own machine. The address is not validated: an invalid one
    /// counts as a visitor of its own.
    package var visitor: String? {
        let last = headers.last { $0.name == "x-forwarded-for" }?.value.split(separator: ",").last
        guard let address = last.map({ $0.drop { $0 == " " || $0 == "\t" } })?.prefix(64) else {
            return nil
        }
        return String(address)
    }
}
