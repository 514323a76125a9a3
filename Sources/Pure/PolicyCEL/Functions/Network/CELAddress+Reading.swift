extension CELAddress {
    /// The maximum length of an address in bytes: `0000:0000:0000:0000:0000:ffff:255.255.255.255`.
    private static let textLimit = 45

    /// Parses dotted decimals or the groups of RFC 4291. Zones are rejected. Groups that map an IPv4
    /// address give that address, but their dotted form (`::ffff:192.168.0.1`) is rejected, because it
    /// hides the address from a reader.
    ///
    /// - Throws: `conversion`.
    init(text: String) throws(CELFault) {
        guard text.utf8.count <= Self.textLimit, let bytes = Self.bytes(text) else {
            throw CELFault(.conversion, text)
        }
        self.init(bytes: bytes)
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        let text = Array(text.utf8)[...]
        guard text.contains(UInt8(ascii: ":")) else { return dotted(text) }
        var reader = GroupReader(text)
        guard let bytes = reader.bytes() else { return nil }
        guard bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff else {
            return bytes
        }
        return reader.hasDots ? nil : Array(bytes[12...])
    }

    /// Parses four decimals below 256 without leading zeros, which some parsers take for octal.
    fileprivate static func dotted(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard let number = smallNumber(part), let byte = UInt8(exactly: number) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}

/// Parses one to three decimal digits without a leading zero.
func smallNumber(_ digits: ArraySlice<UInt8>) -> Int? {
    guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
        digits.count == 1 || digits.first != 0x30
    else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
}

private struct GroupReader {
    private var rest: ArraySlice<UInt8>
    private(set) var hasDots = false

    init(_ text: ArraySlice<UInt8>) { rest = text }

    /// Returns 16 bytes, or nil if the text is not an address.
    mutating func bytes() -> [UInt8]? {
        var bytes: [UInt8] = []
        var gap: Int?
        if take("::") {
            gap = 0
            if rest.isEmpty { return [UInt8](repeating: 0, count: 16) }
        }
        while true {
            let digits = rest.prefix { $0 != UInt8(ascii: ":") }
            rest = rest[digits.endIndex...]
            if let group = Self.group(digits) {
                bytes += [UInt8(group >> 8), UInt8(group & 0xff)]
            } else {
                guard rest.isEmpty, let last = CELAddress.dotted(digits) else { return nil }
                hasDots = true
                bytes += last
            }
            guard bytes.count <= 16 else { return nil }
            if rest.isEmpty { break }
            if take("::") {
                guard gap == nil else { return nil }
                gap = bytes.count
                if rest.isEmpty { break }
            } else if !take(":") {
                return nil
            }
        }
        guard let gap else { return bytes.count == 16 ? bytes : nil }
        // A gap represents at least one group.
        guard bytes.count <= 14 else { return nil }
        bytes.insert(contentsOf: repeatElement(0, count: 16 - bytes.count), at: gap)
        return bytes
    }

    private mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    /// Parses one to four hexadecimal digits.
    private static func group(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(digits.count),
            digits.allSatisfy({ UnicodeScalar($0).properties.isASCIIHexDigit })
        else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
