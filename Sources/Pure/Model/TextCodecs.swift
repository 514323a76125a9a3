/// Lower-case hexadecimal. Decoding rejects upper case, so that each value has one spelling.
package enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        let text = [UInt8](capacity: bytes.count * 2) { output in
            for byte in bytes {
                output.append(digits[Int(byte >> 4)])
                output.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for character in text.utf8 {
            let value: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = character - UInt8(ascii: "a") + 10
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : nil
    }
}

/// Base64 of RFC 4648: standard with padding (leaves, notes) and URL-safe without (tokens). Decoding is strict: exact
/// padding, no white space, unused bits zero.
package enum Base64 {
    static let standard = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let urlSafe = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    package static func encode(_ bytes: [UInt8]) -> String { encode(bytes, standard, padded: true) }
    package static func encodeURL(_ bytes: [UInt8]) -> String {
        encode(bytes, urlSafe, padded: false)
    }

    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var body = Array(text.utf8)
        guard body.count % 4 == 0 else { return nil }
        var padding = 0
        while padding < 2, body.last == UInt8(ascii: "=") {
            body.removeLast()
            padding += 1
        }
        guard padding == (4 - body.count % 4) % 4 else { return nil }
        return decode(body, plus: UInt8(ascii: "+"), slash: UInt8(ascii: "/"))
    }

    package static func decodeURL(_ text: some StringProtocol) -> [UInt8]? {
        decode(Array(text.utf8), plus: UInt8(ascii: "-"), slash: UInt8(ascii: "_"))
    }

    /// Appends the bytes that the characters of standard base64 encode.
    /// - Returns: false, with nothing appended, if `decode` would reject them.
    package static func decode(_ text: Span<UInt8>, to bytes: inout [UInt8]) -> Bool {
        guard text.count % 4 == 0 else { return false }
        var count = text.count
        while count > max(0, text.count - 2), text[count - 1] == UInt8(ascii: "=") { count -= 1 }
        guard text.count - count == (4 - count % 4) % 4 else { return false }
        let before = bytes.count
        let values = standardValues.span
        var group: UInt32 = 0
        var bits: UInt32 = 0
        for place in 0..<count {
            let value = values[Int(text[place])]
            guard value != noValue else {
                bytes.removeSubrange(before...)
                return false
            }
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> bits))
                group &= (1 << bits) - 1
            }
        }
        if group != 0 { bytes.removeSubrange(before...) }
        return group == 0
    }

    private static let noValue: UInt8 = 0xff

    private static let standardValues: [UInt8] = {
        var values = [UInt8](repeating: noValue, count: 256)
        for (value, character) in standard.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// Returns the six bits of a character of the standard alphabet.
    static func value(ofStandard character: UInt8) -> UInt64? {
        value(of: character, plus: UInt8(ascii: "+"), slash: UInt8(ascii: "/")).map(UInt64.init)
    }

    /// Returns the six bits of a character; `plus` and `slash` are the last two characters of the alphabet.
    private static func value(of character: UInt8, plus: UInt8, slash: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case plus: 62
        case slash: 63
        default: nil
        }
    }

    private static func encode(_ bytes: [UInt8], _ alphabet: [UInt8], padded: Bool) -> String {
        let text = [UInt8](capacity: (bytes.count + 2) / 3 * 4) { text in
            var index = 0
            while index < bytes.count {
                let count = min(3, bytes.count - index)
                var group = UInt32(bytes[index]) << 16
                if count > 1 { group |= UInt32(bytes[index + 1]) << 8 }
                if count > 2 { group |= UInt32(bytes[index + 2]) }
                for place in 0...count {
                    text.append(alphabet[Int(group >> UInt32(18 - 6 * place) & 63)])
                }
                if padded { for _ in count..<3 { text.append(UInt8(ascii: "=")) } }
                index += 3
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func decode(_ body: [UInt8], plus: UInt8, slash: UInt8) -> [UInt8]? {
        guard body.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count / 4 * 3 + 2)
        var group: UInt32 = 0
        var bits: UInt32 = 0
        for character in body {
            guard let value = value(of: character, plus: plus, slash: slash) else { return nil }
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> bits))
                group &= (1 << bits) - 1
            }
        }
        return group == 0 ? bytes : nil
    }
}
