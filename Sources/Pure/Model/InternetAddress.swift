/// Distinguishes public addresses from special-purpose ones (IANA's special-purpose registries, RFC 6890).
package enum InternetAddress {
    /// - Parameter bytes: the 4 bytes of IPv4 or 16 bytes of IPv6, in network order.
    /// - Returns: false for loopback, private, link-local, shared, documentation, multicast and reserved ranges, for
    ///   IPv6 that embeds an IPv4 address, and for any other number of bytes.
    package static func isPublic(_ bytes: [UInt8]) -> Bool {
        switch bytes.count {
        case 4: !reserved4.contains { $0.holds(bytes) }
        case 16: global6.holds(bytes) && !reserved6.contains { $0.holds(bytes) }
        default: false
        }
    }

    private struct Range {
        let prefix: [UInt8]
        let bits: Int

        init(_ prefix: [UInt8], _ bits: Int) {
            self.prefix = prefix
            self.bits = bits
        }

        func holds(_ bytes: [UInt8]) -> Bool {
            for place in 0..<min(prefix.count, bytes.count) {
                let left = bits - 8 * place
                if left <= 0 { return true }
                let mask: UInt8 = left >= 8 ? 0xff : 0xff << UInt8(8 - left)
                if bytes[place] & mask != prefix[place] & mask { return false }
            }
            return true
        }
    }

    private static let reserved4 = [
        Range([0], 8), Range([10], 8), Range([100, 64], 10), Range([127], 8),
        Range([169, 254], 16), Range([172, 16], 12), Range([192, 0, 0], 24),
        Range([192, 0, 2], 24), Range([192, 88, 99], 24), Range([192, 168], 16),
        Range([198, 18], 15), Range([198, 51, 100], 24), Range([203, 0, 113], 24),
        Range([224], 4), Range([240], 4),
    ]
    /// Global unicast, which excludes loopback, unique local, link-local and mapped addresses.
    private static let global6 = Range([0x20], 3)
    private static let reserved6 = [
        // Protocol assignments with Teredo; two documentation ranges; 6to4, which embeds an IPv4 address.
        Range([0x20, 0x01, 0x00], 23), Range([0x20, 0x01, 0x0d, 0xb8], 32),
        Range([0x3f, 0xff, 0x00], 20), Range([0x20, 0x02], 16),
    ]
}
