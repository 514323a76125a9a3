import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockTransport
import Synchronization

/// The routing headers of modern messages: made from the body and, for arguments, from the declarations in relayed
/// lists of tools.
final class RoutingHeaderCache: Sendable {
    /// The maximum number of tools: as many as the largest lock can have.
    private static let maximumTools = 512_000
    private let declared = Mutex<[String: [HeaderParameter]]>([:])

    /// Stores the declarations of one page of tools/list.
    func learn(_ result: JSONObject) {
        let tools = (result["tools"]?.array ?? []).compactMap { try? ToolDefinition($0) }
        declared.withLock { declared in
            for tool in tools where declared.count < Self.maximumTools {
                declared[tool.name.text] = tool.headers.isEmpty ? nil : tool.headers
            }
        }
    }

    /// Omits a value that no header can carry; the gateway then refuses the request.
    func headers(of message: HostMessage) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        func add(_ name: String, plain value: String?) {
            if let value, HeaderText.encode(value) == value { headers.append((name, value)) }
        }
        add(StreamableHTTP.versionHeader, plain: message.params["_meta"]?[Era.versionKey]?.string)
        add(StreamableHTTP.methodHeader, plain: message.method)
        guard let method = message.method,
            let name = RoutingHeaders.name(of: method, message.params)
        else { return headers }
        headers.append((StreamableHTTP.nameHeader, HeaderText.encode(name)))
        guard method == "tools/call" else { return headers }
        let arguments = message.params["arguments"]?.object ?? JSONObject()
        for parameter in declared.withLock({ $0[name] ?? [] }) {
            if let value = parameter.value(in: arguments),
                let text = HeaderParameter.header(for: value)
            {
                headers.append((StreamableHTTP.parameterPrefix + parameter.name, text))
            }
        }
        return headers
    }
}

/// The modern requests in flight. A request is cancelled by closing its response stream.
final class InFlightRequests: Sendable {
    private enum Post {
        /// Becomes `open` or `cancelled`.
        case begun
        /// Becomes `cancelled`.
        case open(LocalCancellation)
        case cancelled
    }
    private let posts = Mutex<[RequestID: Post]>([:])

    func begin(_ id: RequestID) { posts.withLock { $0[id] = .begun } }

    /// Registers the response stream. A request that was cancelled meanwhile ends at once.
    func opened(_ id: RequestID, _ cancellation: LocalCancellation) {
        let isCancelled = posts.withLock { posts in
            if case .cancelled? = posts[id] { return true }
            posts[id] = .open(cancellation)
            return false
        }
        if isCancelled { cancellation.cancel() }
    }

    /// - Returns: whether the request was cancelled; the host then expects no response.
    func end(_ id: RequestID) -> Bool {
        posts.withLock { posts in
            if case .cancelled? = posts.removeValue(forKey: id) { return true }
            return false
        }
    }

    /// - Returns: false if no modern request with this id is in flight.
    func cancel(_ id: RequestID) -> Bool {
        let before = posts.withLock { posts -> Post? in
            guard let post = posts[id] else { return nil }
            posts[id] = .cancelled
            return post
        }
        if case .open(let cancellation)? = before { cancellation.cancel() }
        return before != nil
    }
}
