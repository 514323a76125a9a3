extension CELAddress {
    /// No address has more bytes of text: `0000:0000:0000:0000:0000:ffff:255.255.255.255`.
    private static let textLimit = 45

    /// Dotted decimals or RFC 4291 groups. No zone; no IPv4 address in the dotted form of an IPv6 one
    /// (`::ffff:192.168.0.1`), which hides it from a reader.
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

    /// Four decimals below 256 without leading zeros, which some readers take for octal.
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

/// One to three decimal digits without a leading zero.
func smallNumber(_ digits: ArraySlice<UInt8>) -> Int? {
    guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
        digits.count == 1 || digits.first != 0x30
    else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
}

/// Reads the groups of an IPv6 address.
private struct GroupReader {
    private var rest: ArraySlice<UInt8>
    private(set) var hasDots = false

    init(_ text: ArraySlice<UInt8>) { rest = text }

    /// 16 bytes; nil where the text is no address.
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
        // A gap stands for one group at least.
        guard bytes.count <= 14 else { return nil }
        bytes.insert(contentsOf: repeatElement(0, count: 16 - bytes.count), at: gap)
        return bytes
    }

    private mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    /// One to four hexadecimal digits.
    private static func group(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(digits.count),
            digits.allSatisfy({ UnicodeScalar($0).properties.isASCIIHexDigit })
        else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
