/// The host and port that a client asks for.
package struct EgressTarget: Hashable, Sendable, CustomStringConvertible {
    package let host: EgressHost
    /// 1 to 65535.
    package let port: UInt16

    /// - Returns: nil for port 0.
    package init?(_ host: EgressHost, port: UInt16) {
        guard port > 0 else { return nil }
        self.host = host
        self.port = port
    }

    /// Parses `host:port`, or `host` if there is a default port. User information is refused.
    package init(
        authority text: some Collection<UInt8>, defaultPort: UInt16? = nil
    ) throws(EgressRefusal) {
        let bytes = Array(text)
        let end = bytes.lastIndex(of: UInt8(ascii: ":"))
        let bracket = bytes.lastIndex(of: UInt8(ascii: "]"))
        if let end, end > bracket ?? -1 {
            host = try EgressHost(canonical: bytes[..<end])
            port = try Self.port(bytes[(end + 1)...])
        } else {
            guard let defaultPort else { throw EgressRefusal(.badRequest, "missing port") }
            host = try EgressHost(canonical: bytes)
            port = defaultPort
        }
    }

    /// Parses 1 to 65535 without leading zeros or a sign.
    private static func port(_ digits: ArraySlice<UInt8>) throws(EgressRefusal) -> UInt16 {
        guard (1...5).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (48...57).contains($0) }),
            let port = UInt16(String(decoding: digits, as: UTF8.self))
        else { throw EgressRefusal(.badRequest, "invalid port") }
        return port
    }

    package var description: String { "\(host):\(port)" }
}
