/// Distinguishes public addresses from special-purpose ones (IANA's special-purpose registries, RFC 6890).
package enum InternetAddress {
    /// - Parameter bytes: the 4 bytes of IPv4 or 16 bytes of IPv6, in network order.
    /// - Returns: false for loopback, private, link-local, shared, documentation, multicast and reserved ranges, for
    ///   IPv6 that embeds an IPv4 address, and for any other number of bytes.
    package static func isPublic(_ bytes: [UInt8]) -> Bool {
        switch bytes.count {
        case 4: !reserved4.contains { holds($0, bytes) }
        case 16: holds(global6, bytes) && !reserved6.contains { holds($0, bytes) }
        default: false
        }
    }

    private typealias Range = (prefix: [UInt8], bits: Int)

    private static func holds(_ range: Range, _ bytes: [UInt8]) -> Bool {
        for place in 0..<min(range.prefix.count, bytes.count) {
            let left = range.bits - 8 * place
            if left <= 0 { return true }
            let mask: UInt8 = left >= 8 ? 0xff : 0xff << UInt8(8 - left)
            if bytes[place] & mask != range.prefix[place] & mask { return false }
        }
        return true
    }

    private static let reserved4: [Range] = [
        ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([169, 254], 16), ([172, 16], 12),
        ([192, 0, 0], 24), ([192, 0, 2], 24), ([192, 88, 99], 24), ([192, 168], 16),
        ([198, 18], 15), ([198, 51, 100], 24), ([203, 0, 113], 24), ([224], 4), ([240], 4),
    ]
    /// Global unicast, which excludes loopback, unique local, link-local and mapped addresses.
    private static let global6: Range = ([0x20], 3)
    private static let reserved6: [Range] = [
        // Protocol assignments with Teredo; two documentation ranges; 6to4, which embeds an IPv4 address.
        ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0d, 0xb8], 32), ([0x3f, 0xff, 0x00], 20),
        ([0x20, 0x02], 16),
    ]
}
