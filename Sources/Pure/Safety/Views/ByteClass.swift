/// The properties of bytes that decide which decoders see them, by tables of 256 entries.
enum ByteClass {
    /// A character of base64, base64url or hexadecimal digits.
    static let ofRun: UInt8 = 1
    /// A byte of a text: a character of ASCII that is visible, a space, a tab or an end of a line.
    static let ofText: UInt8 = 2
    /// A letter, a digit, `_` or `-`.
    static let ofToken: UInt8 = 4

    static let all: [UInt8] = (0..<256).map { value in
        let byte = UInt8(truncatingIfNeeded: value)
        var flags: UInt8 = 0
        if sextets[value] != none { flags |= ofRun }
        if (0x20...0x7e).contains(byte) || byte == 0x09 || byte == 0x0a || byte == 0x0d {
            flags |= ofText
        }
        if sextets[value] != none, byte != UInt8(ascii: "+"), byte != UInt8(ascii: "/") {
            flags |= ofToken
        }
        return flags
    }

    /// The value of a byte that is not a digit.
    static let none: UInt8 = 0xff

    /// The six bits of each character of base64 and base64url.
    static let sextets: [UInt8] = {
        var values = [UInt8](repeating: none, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        for (value, character) in alphabet.utf8.enumerated() {
            values[Int(character)] = UInt8(truncatingIfNeeded: value)
        }
        for character in "+-".utf8 { values[Int(character)] = 62 }
        for character in "/_".utf8 { values[Int(character)] = 63 }
        return values
    }()

    /// The four bits of each hexadecimal digit.
    static let nibbles: [UInt8] = (0..<256).map { value in
        let byte = UInt8(truncatingIfNeeded: value)
        return Self.nibble(byte) ?? none
    }

    /// Returns the value of a hexadecimal digit in either case, or nil.
    static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
