extension CELNetwork {
    /// Parses an address, a slash and the length of the prefix. Host bits may be set. An IPv4 address in
    /// any IPv6 form is rejected, because the length would count other bits.
    ///
    /// - Throws: `conversion`.
    init(text: String) throws(CELFault) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2, let prefix = smallNumber(Array(parts[1])[...]),
            let address = try? CELAddress(text: String(decoding: parts[0], as: UTF8.self)),
            prefix <= address.bytes.count * 8,
            address.bytes.count == 16 || !parts[0].contains(UInt8(ascii: ":"))
        else { throw CELFault(.conversion, text) }
        self.init(address: address, prefix: prefix)
    }

    /// The network with its host bits cleared.
    var masked: CELNetwork {
        let bytes = address.bytes.enumerated().map { place, byte in
            let kept = min(max(prefix - place * 8, 0), 8)
            return byte & ~(UInt8(truncatingIfNeeded: 0xff >> kept))
        }
        return CELNetwork(address: CELAddress(bytes: bytes), prefix: prefix)
    }

    /// Returns false for an address of another family.
    func contains(_ other: CELAddress) -> Bool {
        other.bytes.count == address.bytes.count
            && CELNetwork(address: other, prefix: prefix).masked == masked
    }

    func contains(_ other: CELNetwork) -> Bool { other.prefix >= prefix && contains(other.address) }
}
