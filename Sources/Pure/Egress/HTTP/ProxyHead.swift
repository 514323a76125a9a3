/// A complete head in its parts, of which each was checked by itself.
struct ProxyHead {
    private let method: String
    private let target: [UInt8]
    private let isVersion10: Bool
    private let fields: [(name: String, value: [UInt8])]

    private static let longestMethod = 24

    /// - Parameter bytes: lines that end with CRLF, the last one empty.
    init(_ bytes: [UInt8]) throws(EgressRefusal) {
        // The last line is empty; each line before it ends with CR.
        let lines = bytes.dropLast(2).split(separator: 10, omittingEmptySubsequences: false)
            .dropLast().map { $0.dropLast() }
        guard let first = lines.first, lines.count <= ProxyHeadReader.mostFields + 1 else {
            throw EgressRefusal(.badRequest, "too many fields")
        }
        (method, target, isVersion10) = try Self.requestLine(first)
        var fields: [(name: String, value: [UInt8])] = []
        for line in lines.dropFirst() { fields.append(try Self.field(line)) }
        self.fields = fields
    }

    private static func requestLine(
        _ line: ArraySlice<UInt8>
    ) throws(EgressRefusal) -> (String, [UInt8], Bool) {
        let parts = line.split(separator: 32, omittingEmptySubsequences: false)
        guard parts.count == 3, (1...longestMethod).contains(parts[0].count),
            parts[0].allSatisfy(isToken), !parts[1].isEmpty,
            parts[1].allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "#") })
        else { throw EgressRefusal(.badRequest, "invalid request line") }
        let isVersion10 = parts[2].elementsEqual("HTTP/1.0".utf8)
        guard isVersion10 || parts[2].elementsEqual("HTTP/1.1".utf8) else {
            throw EgressRefusal(.badRequest, "invalid HTTP version")
        }
        return (String(decoding: parts[0], as: UTF8.self), Array(parts[1]), isVersion10)
    }

    /// Rejects folded lines, white space before the colon and empty names.
    private static func field(
        _ line: ArraySlice<UInt8>
    ) throws(EgressRefusal) -> (name: String, value: [UInt8]) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(isToken)
        else { throw EgressRefusal(.badRequest, "invalid field name") }
        let value = line[(colon + 1)...].drop { $0 == 32 || $0 == 9 }
        let end = value.lastIndex { $0 != 32 && $0 != 9 }.map { $0 + 1 } ?? value.startIndex
        let trimmed = value[value.startIndex..<end]
        guard trimmed.allSatisfy({ ($0 >= 32 && $0 < 127) || $0 == 9 }) else {
            throw EgressRefusal(.badRequest, "invalid field value")
        }
        let name = line[..<colon].lowerCased
        return (String(decoding: name, as: UTF8.self), Array(trimmed))
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
            || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }

    /// The value of `Proxy-Authorization`, or nil if there is none.
    func authorization() throws(EgressRefusal) -> [UInt8]? { try only("proxy-authorization") }

    // MARK: the request

    func request() throws(EgressRefusal) -> ProxyRequest {
        let host = try only("host")
        if target[0] == UInt8(ascii: "/") { return try ownRequest(host) }
        guard all("transfer-encoding").isEmpty else {
            throw EgressRefusal(.badRequest, "Transfer-Encoding is not allowed")
        }
        guard all("upgrade").isEmpty, all("http2-settings").isEmpty else {
            throw EgressRefusal(.badRequest, "Upgrade is not allowed")
        }
        let length = try contentLength()
        guard host != nil || isVersion10 else { throw EgressRefusal(.badRequest, "missing Host") }
        if method == "CONNECT" { return .tunnel(try tunnelTarget(host, length)) }
        let request = try forwarded(host, length)
        guard isOwn(request.target) else { return .forward(request) }
        return OwnRoute(target: String(decoding: pathOfTarget, as: UTF8.self)).map { .own($0) }
            ?? .notFound
    }

    /// The head for the reader of the proxy's own routes, which takes the origin form alone.
    ///
    /// - Parameter received: the head as it was received.
    func ownHead(received: [UInt8]) throws(EgressRefusal) -> [UInt8] {
        guard target[0] != UInt8(ascii: "/") else { return received }
        return try forwarded(try only("host"), try contentLength()).headWithExpectation
    }

    /// Clients with a proxy in their environment send requests to its own address in absolute form too.
    private func isOwn(_ target: EgressTarget) -> Bool {
        "\(target)".utf8.elementsEqual(OwnRoute.authority.utf8)
    }

    /// The path and query of a target in absolute form; begins with a slash.
    private var pathOfTarget: [UInt8] {
        let path = target.dropFirst(7).drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        return (path.first == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]) + path
    }

    /// INVARIANT: another value of `Host` than the listener's own reaches no route, so no page of a browser inside
    /// reaches them through a name that resolves to the listener. Kept by `ProxyHeadReaderTests`.
    private func ownRequest(_ host: [UInt8]?) throws(EgressRefusal) -> ProxyRequest {
        guard let host, host.elementsEqual(OwnRoute.authority.utf8) else {
            throw EgressRefusal(.badRequest, "a request in origin form to another host")
        }
        guard method != "CONNECT", all("upgrade").isEmpty else {
            throw EgressRefusal(.badRequest, "Upgrade is not allowed")
        }
        let text = String(decoding: target, as: UTF8.self)
        return OwnRoute(target: text).map { .own($0) } ?? .notFound
    }

    private func tunnelTarget(
        _ host: [UInt8]?, _ length: UInt64?
    ) throws(EgressRefusal) -> EgressTarget {
        guard length ?? 0 == 0 else { throw EgressRefusal(.badRequest, "CONNECT has no body") }
        let wanted = try EgressTarget(authority: target)
        // Some clients leave the port out.
        try requireEqual(host, wanted, defaultPort: wanted.port)
        return wanted
    }

    private func forwarded(
        _ host: [UInt8]?, _ length: UInt64?
    ) throws(EgressRefusal) -> ForwardedRequest {
        let scheme = target.prefix(7).lowerCased
        guard scheme.elementsEqual("http://".utf8) else {
            throw EgressRefusal(.badRequest, "expected a request in absolute form for `http://`")
        }
        let rest = target.dropFirst(7)
        let end =
            rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        let wanted = try EgressTarget(authority: rest[..<end], defaultPort: 80)
        try requireEqual(host, wanted, defaultPort: 80)
        let dropped = try hopByHop()
        var head = Array("\(method) ".utf8) + pathOfTarget
        let authority = wanted.port == 80 ? "\(wanted.host)" : "\(wanted)"
        head += Array(" HTTP/1.1\r\nHost: \(authority)\r\n".utf8)
        let expectsContinue = try expectsContinue()
        for field in fields
        where field.name != "expect" && !dropped.contains(Array(field.name.utf8)) {
            head += Array("\(field.name): ".utf8) + field.value + [13, 10]
        }
        head += Array("Connection: close\r\n\r\n".utf8)
        return ForwardedRequest(
            target: wanted, head: head, bodyLength: length ?? 0,
            expectsContinue: expectsContinue)
    }

    /// Returns true for `100-continue`, which a request of HTTP/1.0 does not have (RFC 9110, section 10.1.1). Nothing else
    /// can be expected.
    private func expectsContinue() throws(EgressRefusal) -> Bool {
        guard let value = try only("expect") else { return false }
        let folded = value.lowerCased
        guard folded.elementsEqual("100-continue".utf8) else {
            throw EgressRefusal(.badRequest, "unknown value of Expect")
        }
        return !isVersion10
    }

    private func requireEqual(
        _ host: [UInt8]?, _ wanted: EgressTarget, defaultPort: UInt16
    ) throws(EgressRefusal) {
        guard let host else { return }
        guard try EgressTarget(authority: host, defaultPort: defaultPort) == wanted else {
            throw EgressRefusal(.badRequest, "Host differs from the request target")
        }
    }

    /// The fields that are not sent on, by their names in lower case.
    private func hopByHop() throws(EgressRefusal) -> Set<[UInt8]> {
        var names: Set<[UInt8]> = Set(
            [
                "host", "connection", "keep-alive", "proxy-connection", "proxy-authorization",
                "proxy-authenticate", "te", "trailer",
            ].map { Array($0.utf8) })
        for value in all("connection") {
            for part in value.split(separator: UInt8(ascii: ",")) {
                let name = part.filter { $0 != 32 && $0 != 9 }
                    .lowerCased
                // A field that frames or leads the message would be lost on the way.
                let kept = ["content-length", "expect", "authorization"]
                guard !kept.contains(where: { name.elementsEqual($0.utf8) }) else {
                    throw EgressRefusal(.badRequest, "Connection names a field that is needed")
                }
                names.insert(Array(name))
            }
        }
        return names
    }

    private func contentLength() throws(EgressRefusal) -> UInt64? {
        guard let value = try only("content-length") else { return nil }
        guard (1...15).contains(value.count), value.allSatisfy({ (48...57).contains($0) }),
            let length = UInt64(String(decoding: value, as: UTF8.self))
        else { throw EgressRefusal(.badRequest, "invalid Content-Length") }
        return length
    }

    private func all(_ name: String) -> [[UInt8]] {
        fields.filter { $0.name == name }.map(\.value)
    }

    /// Returns the value of a field that must not occur twice.
    private func only(_ name: String) throws(EgressRefusal) -> [UInt8]? {
        let values = all(name)
        guard values.count <= 1 else { throw EgressRefusal(.badRequest, "two fields `\(name)`") }
        return values.first
    }
}
