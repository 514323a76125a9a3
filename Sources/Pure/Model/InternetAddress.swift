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

    /// Returns true for addresses at which clouds answer any process of a machine with its credentials, and for all
    /// link-local addresses; also where IPv6 embeds the IPv4 address.
    package static func isMetadata(_ bytes: [UInt8]) -> Bool {
        switch bytes.count {
        case 4: metadata4.contains { holds($0, bytes) }
        case 16:
            metadata6.contains { holds($0, bytes) }
                || embedding6.contains { holds($0, bytes) } && isMetadata(Array(bytes.suffix(4)))
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
    /// Link-local, where most clouds answer, and the addresses of Azure's host and of Alibaba's service.
    private static let metadata4: [Range] = [
        ([169, 254], 16), ([168, 63, 129, 16], 32), ([100, 100, 100, 200], 32),
    ]
    /// Link-local, and the addresses of Amazon's service.
    private static let metadata6: [Range] = [
        ([0xfe, 0x80], 10), ([0xfd, 0x00, 0x0e, 0xc2], 32),
    ]
    /// Addresses that end with an IPv4 address: mapped, and translated by NAT64 (RFC 6052).
    private static let embedding6: [Range] = [
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], 96),
        ([0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], 96),
    ]
    /// Global unicast, which excludes loopback, unique local, link-local and mapped addresses.
    private static let global6: Range = ([0x20], 3)
    private static let reserved6: [Range] = [
        // Protocol assignments with Teredo; two documentation ranges; 6to4, which embeds an IPv4 address.
        ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0d, 0xb8], 32), ([0x3f, 0xff, 0x00], 20),
        ([0x20, 0x02], 16),
    ]
}
