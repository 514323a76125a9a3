// The forms in which claims of a server enter the lock. The writer of an entry for a live server omits all
// other claims.

extension LockedServer {
    package static let mostCapabilities = 64

    /// Accepts a reverse-DNS namespace, one slash and a name; 3 to 200 characters (server.json schema
    /// 2025-12-11).
    package static func registryName(_ text: String) -> String? {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard (3...200).contains(text.utf8.count), parts.count == 2,
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isNameByte) })
        else { return nil }
        return text
    }

    /// Accepts one version: not a range, and not `latest`, which changes its meaning.
    package static func exactVersion(_ text: String) -> String? {
        guard (1...255).contains(text.utf8.count), text != "latest",
            text.utf8.allSatisfy({ isNameByte($0) || $0 == UInt8(ascii: "+") })
        else { return nil }
        return text
    }

    /// Accepts printable ASCII of at most 64 bytes.
    package static func capability(_ text: String) -> String? {
        let isShort = (1...64).contains(text.utf8.count)
        return isShort && text.utf8.allSatisfy { (0x21...0x7e).contains($0) } ? text : nil
    }
}

extension LockedRemote {
    /// The name that the certificate of a server must have, or nil for plain HTTP and for an invalid URL.
    package static func tlsName(of url: String) -> String? {
        guard url.hasPrefix("https://") else { return nil }
        let authority = url.dropFirst(8).prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else { return nil }
        let host =
            authority.hasPrefix("[")
            ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        return hostText(host.lowercased())
    }
}
