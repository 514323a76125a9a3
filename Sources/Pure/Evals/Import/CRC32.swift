/// The checksum of zip entries and of gzip (ISO 3309, as in RFC 1952, section 8).
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index -> UInt32 in
        var value = UInt32(index)
        for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : 0xedb8_8320 ^ (value >> 1) }
        return value
    }

    static func of(_ bytes: [UInt8]) -> UInt32 {
        let table = Self.table
        var value = UInt32.max
        for byte in bytes {
            value = table[Int((value ^ UInt32(byte)) & 0xff)] ^ (value >> 8)
        }
        return value ^ UInt32.max
    }
}
