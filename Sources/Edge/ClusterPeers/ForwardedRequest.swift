package import InterlockCluster
import InterlockJSON
package import InterlockModel
package import InterlockPorts

/// A request of an agent that one node passes on to another one: four bytes with the length of its head, the head in the
/// RFC 8785 form, and the body as the agent sent it (docs/specs/cluster.md, section 4).
///
/// ```json
/// {"from":"gw2","headers":[["authorization","Bearer ..."]],"method":"POST","org":"acme","path":"/mcp",
///  "source":"address:<32 digits>","to":"gw1","v":1,"workload":"key:sha256:..."}
/// ```
/// `source` and `workload` are what the first node saw, which members are trusted for; `query` is there if the target has
/// one.
package struct ForwardedRequest: Sendable {
    package let org: String
    package let from: NodeName
    package let to: NodeName
    package let head: RequestHead
    package let body: [UInt8]

    /// The path at the listener for nodes; the method is POST.
    static let path = "/v1/forward"
    /// The bytes of a head: those of the agent's request are at most half as many.
    package static let headBytes = 256 << 10
    private static let lengthBytes = 4
    private static let fields = 128

    /// - Parameter head: as the agent sent it to this node.
    package init(org: String, from: NodeName, to: NodeName, _ head: RequestHead, body: [UInt8]) {
        self.org = org
        self.from = from
        self.to = to
        self.head = head
        self.body = body
    }

    /// The size of a request with a body of at most this many bytes.
    static func limit(ofBody bytes: Int) -> Int { lengthBytes + headBytes + bytes }

    package func bytes() throws(FormError) -> [UInt8] {
        var fields: [JSONValue] = []
        for (name, value) in head.headers where !Self.isOfConnection(name) {
            fields.append([.string(name), .string(value)])
        }
        var object: JSONObject = [
            "from": .string(from.text), "headers": .array(fields),
            "method": .string(head.method), "org": .string(org), "path": .string(head.path),
            "source": .string(head.source.text), "to": .string(to.text), "v": 1,
            "workload": .string(head.workload.text),
        ]
        object["query"] = head.query.map { .string($0) }
        let written: [UInt8]
        do { written = try JSONValue.object(object).canonical() } catch { throw .json(error) }
        guard written.count <= Self.headBytes else {
            throw .badMember("headers", "fields of at most \(Self.headBytes) bytes")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.lengthBytes + written.count + body.count)
        let length = UInt32(written.count)
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
        bytes += written
        bytes += body
        return bytes
    }

    /// Reads the request as the other node wrote it.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        guard bytes.count >= Self.lengthBytes else {
            throw .badMember("length", "four bytes")
        }
        let length = bytes.prefix(Self.lengthBytes).reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.headBytes, bytes.count - Self.lengthBytes >= length else {
            throw .badMember("length", "that of the head")
        }
        let end = Self.lengthBytes + length
        let written = Array(bytes[Self.lengthBytes..<end])
        body = Array(bytes[end...])
        let fields = try StrictFields(
            try StrictFields.canonicalValue(written, limit: Self.headBytes),
            required: [
                "from", "headers", "method", "org", "path", "source", "to", "v", "workload",
            ], optional: ["query"])
        try fields.expectVersion1()
        org = try fields.string("org")
        from = try fields.made("from", "the name of a node") { NodeName($0) }
        to = try fields.made("to", "the name of a node") { NodeName($0) }
        let source = try fields.made("source", "the source of a request") {
            RequestSource(text: $0)
        }
        let workload = try fields.made("workload", "a workload") { Workload(text: $0) }
        let method = try fields.string("method", length: 1...24)
        let path = try fields.string("path", length: 1...Self.headBytes)
        let query =
            fields.has("query") ? try fields.string("query", length: 0...Self.headBytes) : nil
        guard method.utf8.allSatisfy(Self.isOfToken), Self.isText(path), path.hasPrefix("/"),
            query.map(Self.isText) ?? true
        else { throw fields.bad("path", "the target of a request") }
        let headers = try Self.headers(try fields.array("headers", count: 0...Self.fields))
        var listener = Listener.agents
        if case .user(let user) = workload { listener = .local(uid: user, pid: 0) }
        var key: Digest?
        if case .key(let digest) = workload { key = digest }
        head = RequestHead(
            listener: listener, method: method, path: path, query: query, headers: headers,
            contentLength: body.isEmpty && method != "POST" ? nil : body.count, clientKey: key,
            source: source, forwarder: from.text)
    }

    private static func headers(
        _ list: [JSONValue]
    ) throws(FormError) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        for (index, element) in list.enumerated() {
            guard let pair = element.array, pair.count == 2, let name = pair[0].string,
                let value = pair[1].string, !name.isEmpty, name.utf8.allSatisfy(isOfName),
                isText(value), !isOfConnection(name)
            else { throw .badMember("headers[\(index)]", "the name and the value of a field") }
            headers.append((name, value))
        }
        return headers
    }

    /// Returns true for fields that concern one connection alone (RFC 9110, section 7.6.1), which are not passed on.
    private static func isOfConnection(_ name: String) -> Bool {
        switch name {
        case "connection", "content-length", "expect", "keep-alive", "te", "trailer",
            "transfer-encoding", "upgrade":
            true
        default: name.hasPrefix("proxy-")
        }
    }

    private static func isOfToken(_ byte: UInt8) -> Bool {
        isOfName(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    /// Names of fields are in lower case.
    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// Returns true if the text has no control characters but tabs.
    private static func isText(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
    }
}

extension RequestSource {
    fileprivate var text: String {
        switch self {
        case .unknown: "unknown"
        case .user(let user): "user:\(user)"
        case .address(let high, let low): "address:" + high.hexDigits + low.hexDigits
        }
    }

    /// Accepts exactly the written form.
    fileprivate init?(text: String) {
        if text == "unknown" {
            self = .unknown
        } else if text.hasPrefix("user:") {
            guard let user = UInt32(text.dropFirst(5)) else { return nil }
            self = .user(user)
        } else if text.hasPrefix("address:") {
            let digits = text.dropFirst(8)
            guard digits.utf8.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
                let low = UInt64(digits.suffix(16), radix: 16)
            else { return nil }
            self = .address(high: high, low: low)
        } else {
            return nil
        }
        guard sameBytes(self.text, text) else { return nil }
    }
}

extension Workload {
    fileprivate var text: String {
        switch self {
        case .anyone: "anyone"
        case .user(let user): "user:\(user)"
        case .key(let key): "key:" + key.prefixed
        }
    }

    /// Accepts exactly the written form.
    fileprivate init?(text: String) {
        if text == "anyone" {
            self = .anyone
        } else if text.hasPrefix("user:") {
            guard let user = UInt32(text.dropFirst(5)) else { return nil }
            self = .user(user)
        } else if text.hasPrefix("key:"), let key = Digest(prefixed: String(text.dropFirst(4))) {
            self = .key(key)
        } else {
            return nil
        }
        guard sameBytes(self.text, text) else { return nil }
    }
}

extension UInt64 {
    fileprivate var hexDigits: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
