import InterlockModel

/// The WebAuthn relying party of passkeys: this gateway's console.
package struct RelyingParty: Sendable, Equatable {
    /// A domain name, or `localhost`.
    package let id: String
    /// The permitted origins, exactly as browsers spell them: `https://interlock.example`.
    package let origins: [String]
    let idHash: [UInt8]

    /// - Returns: nil unless every origin is `https://` (or, on `localhost`, `http://`) and its host is the id or
    ///   below it. An IP address cannot have passkeys.
    package init?(id: String, origins: [String]) {
        guard Self.isDomain(id), !origins.isEmpty,
            origins.allSatisfy({ Self.isOrigin($0, of: id) })
        else { return nil }
        self.id = id
        self.origins = origins
        idHash = OpenSSLHashing().sha256(Array(id.utf8).span).bytes
    }

    private static func isDomain(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 253, labels.count > 1 || text == "localhost" else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy(isDomainByte)
        } && !(labels.last?.utf8.allSatisfy(isDigit) ?? true)
    }

    private static func isDomainByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || byte == UInt8(ascii: "-")
    }

    private static func isOrigin(_ text: String, of id: String) -> Bool {
        var rest = text[...]
        if rest.hasPrefix("https://") {
            rest = rest.dropFirst(8)
        } else if id == "localhost", rest.hasPrefix("http://") {
            rest = rest.dropFirst(7)
        } else {
            return false
        }
        if let colon = rest.lastIndex(of: ":") {
            let port = rest[rest.index(after: colon)...]
            guard UInt16(port).map({ $0 > 0 && String($0) == port }) ?? false else { return false }
            rest = rest[..<colon]
        }
        return rest == id || (rest.hasSuffix("." + id) && isDomain(String(rest)))
    }
}
