import InterlockJSON

extension GatewaySettings {
    /// Whether a browser that was led here under another name is not what asks (DNS rebinding). Holds
    /// for every listener that a browser of this machine can reach.
    package func allows(host: String?) -> Bool {
        guard let host else { return false }
        return hosts.contains(host.withoutPort.lowercased())
    }
}

extension String {
    /// `[::1]:80` and `localhost:80` without the port.
    fileprivate var withoutPort: String {
        let colon = UInt8(ascii: ":")
        guard let last = utf8.lastIndex(of: colon),
            utf8[utf8.index(after: last)...].allSatisfy({ (0x30...0x39).contains($0) }),
            !utf8[..<last].contains(colon) || utf8[..<last].last == UInt8(ascii: "]")
        else { return self }
        return String(self[..<last])
    }
}
