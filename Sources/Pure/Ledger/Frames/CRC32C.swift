/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78; RFC 3720, section 12.1), computed eight bytes per step.
package enum CRC32C {
    package static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        let table = Self.table
        var crc: UInt32 = ~0
        var place = 0
        while place + 8 <= bytes.count {
            let low =
                crc
                ^ (UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8
                    | UInt32(bytes[place + 2]) << 16 | UInt32(bytes[place + 3]) << 24)
            let first = table[7 * 256 + Int(low & 255)] ^ table[6 * 256 + Int(low >> 8 & 255)]
            let second = table[5 * 256 + Int(low >> 16 & 255)] ^ table[4 * 256 + Int(low >> 24)]
            let third =
                table[3 * 256 + Int(bytes[place + 4])] ^ table[2 * 256 + Int(bytes[place + 5])]
            let fourth = table[256 + Int(bytes[place + 6])] ^ table[Int(bytes[place + 7])]
            crc = first ^ second ^ third ^ fourth
            place += 8
        }
        while place < bytes.count {
            crc = crc >> 8 ^ table[Int((crc ^ UInt32(bytes[place])) & 255)]
            place += 1
        }
        return ~crc
    }

    /// The lookup table. Row k holds the effect of a byte that is followed by k zero bytes.
    private static let table: [UInt32] = {
        var table: [UInt32] = []
        for byte in UInt32(0)..<256 {
            var crc = byte
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1 }
            table.append(crc)
        }
        for place in 256..<2048 {
            let crc = table[place - 256]
            table.append(crc >> 8 ^ table[Int(crc & 255)])
        }
        return table
    }()
}
