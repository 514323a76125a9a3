/// Percent-encoding, `%XX` (RFC 3986, section 2.1), with digits in either case.
package enum PercentCode {
    /// Returns the byte that `%XX` at `place` encodes, or nil if there is no `%` or two hexadecimal digits do not
    /// follow.
    package static func byte(_ bytes: [UInt8], _ place: Int) -> UInt8? {
        bytes[place] == UInt8(ascii: "%") ? twoDigits(bytes, place + 1) : nil
    }

    /// Returns the byte that two hexadecimal digits encode, or nil for any other text or the end.
    package static func twoDigits(_ bytes: [UInt8], _ place: Int) -> UInt8? {
        guard place + 1 < bytes.count,
            let high = digit(bytes[place]), let low = digit(bytes[place + 1])
        else { return nil }
        return high << 4 | low
    }

    /// Appends the encoded byte in upper case, as RFC 3986 recommends.
    package static func append(_ byte: UInt8, to bytes: inout [UInt8]) {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
