import InterlockJSON

extension GatewaySettings {
    /// Returns whether the Host is one of this gateway, which protects browsers against DNS rebinding. Every listener
    /// that a local browser can reach must check it.
    package func allows(host: String?) -> Bool {
        guard let host else { return false }
        return hosts.contains(host.withoutPort.lowercased())
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
