import InterlockJSON
package import InterlockModel

/// The gateway's address for the adapter, from `/etc/interlock/hook.json`: `{"socket": "/run/interlock/hooks.sock"}`, or
/// the route of a sandboxed run, `{"route": "http://127.0.0.1:3128/hook/v1/event"}`.
package enum HookEndpoint: Sendable, Hashable {
    /// The gateway's socket for hooks, `listeners.hooks_socket`: an absolute path of at most 107 bytes.
    case socket(path: String)
    /// A port of 127.0.0.1, whose connections prove the run, and a path of visible ASCII characters.
    case route(port: UInt16, path: String)

    /// The path of events on the socket.
    package static let socketPath = "/hook/v1/event"
    /// The greatest size of the file.
    package static let limitBytes = 4096

    private static let limits = JSONLimits(depth: 2, bytes: limitBytes, values: 8, members: 2)
    private static let prefix = "http://127.0.0.1:"

    /// - Throws: an error unless the bytes are one JSON object with exactly one of the two members.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: Self.limits)
        } catch { throw .json(error) }
        let fields = try StrictFields(value, required: [], optional: ["socket", "route"])
        guard fields.has("socket") != fields.has("route") else {
            throw .badMember("socket", "given if `route` is not, and only then")
        }
        if fields.has("socket") {
            self = try fields.made("socket", "an absolute path of at most 107 bytes") {
                Self.isSocketPath($0) ? .socket(path: $0) : nil
            }
        } else {
            self = try fields.made("route", "`http://127.0.0.1:PORT/PATH`", Self.route)
        }
    }

    private static func isSocketPath(_ text: String) -> Bool {
        (2...107).contains(text.utf8.count) && text.utf8.first == UInt8(ascii: "/")
            && !text.utf8.contains(0)
    }

    private static func route(_ text: String) -> HookEndpoint? {
        let bytes = Array(text.utf8)
        guard bytes.count <= 256, bytes.starts(with: prefix.utf8),
            bytes.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        let rest = bytes.dropFirst(prefix.utf8.count)
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...5).contains(digits.count), digits.first != UInt8(ascii: "0"),
            let port = UInt16(String(decoding: digits, as: UTF8.self)),
            rest.dropFirst(digits.count).first == UInt8(ascii: "/")
        else { return nil }
        let path = rest.dropFirst(digits.count)
        return .route(port: port, path: String(decoding: path, as: UTF8.self))
    }

    /// Returns the bytes of the request for one event.
    package func request(_ body: [UInt8]) -> [UInt8] {
        let (path, authority) =
            switch self {
            case .socket: (Self.socketPath, "localhost")
            // The proxy of a run serves its own address alone.
            case .route(let port, let path): (path, "127.0.0.1:\(port)")
            }
        let head = """
            POST \(path) HTTP/1.1\r
            Host: \(authority)\r
            Content-Type: application/json\r
            Content-Length: \(body.count)\r
            Connection: close\r
            \r

            """
        return Array(head.utf8) + body
    }
}
