/// The special-purpose ranges of addresses, of which the proxy connects to none without a rule that admits it.
///
/// The table follows IANA's registries of special-purpose addresses; each row names the document that reserves it.
package enum AddressClass: String, CaseIterable, Sendable {
    case unspecified, loopback, `private`, shared, linkLocal, uniqueLocal
    case protocolAssignments, documentation, benchmarking, multicast, reserved
    case mapped, translated, sixToFour, teredo, metadata

    /// True if a rule with `private: true` admits it.
    package var isAdmittedByPrivateRule: Bool {
        switch self {
        case .private, .loopback, .shared, .uniqueLocal: true
        case .unspecified, .linkLocal, .protocolAssignments, .documentation, .benchmarking,
            .multicast, .reserved, .mapped, .translated, .sixToFour, .teredo, .metadata:
            false
        }
    }

    /// Returns the class of a special address, or nil for a public one.
    ///
    /// INVARIANT: an address is public only if no row has it and, for IPv6, it is global unicast. Kept by
    /// `AddressTests`, which compares it with the classes of the gateway's own clients.
    package init?(of address: IPAddress) {
        let table = address.isIPv4 ? Self.ipv4 : Self.ipv6
        if let row = table.first(where: { $0.holds(address.bytes) }) {
            self = row.kind
            return
        }
        if address.isIPv4 || Self.globalUnicast.holds(address.bytes) { return nil }
        self = .reserved
    }

    private struct Row {
        let kind: AddressClass
        let prefix: [UInt8]
        /// The length of the prefix in bits; at most 8 times its bytes.
        let bits: Int

        init(_ kind: AddressClass, _ prefix: [UInt8], _ bits: Int) {
            self.kind = kind
            self.prefix = prefix
            self.bits = bits
        }

        func holds(_ bytes: [UInt8]) -> Bool {
            let whole = bits / 8
            guard bytes[..<whole].elementsEqual(prefix[..<whole]) else { return false }
            let left = bits % 8
            guard left > 0 else { return true }
            let mask = UInt8(0xff) << UInt8(8 - left)
            return bytes[whole] & mask == prefix[whole] & mask
        }
    }

    /// Addresses of metadata services come first: some lie in a range that a rule can admit.
    private static let ipv4: [Row] = [
        // The host of a virtual machine at Azure, which answers with its configuration; not a reserved address.
        Row(.metadata, [168, 63, 129, 16], 32),
        // The metadata service of Alibaba Cloud, inside the shared range.
        Row(.metadata, [100, 100, 100, 200], 32),
        Row(.unspecified, [0], 8),  // RFC 791, section 3.2; RFC 1122, section 3.2.1.3
        Row(.private, [10], 8),  // RFC 1918
        Row(.shared, [100, 64], 10),  // RFC 6598
        Row(.loopback, [127], 8),  // RFC 1122, section 3.2.1.3
        Row(.linkLocal, [169, 254], 16),  // RFC 3927, with most clouds' metadata at .169.254
        Row(.private, [172, 16], 12),  // RFC 1918
        Row(.protocolAssignments, [192, 0, 0], 24),  // RFC 6890, section 2.1
        Row(.documentation, [192, 0, 2], 24),  // RFC 5737
        Row(.sixToFour, [192, 88, 99], 24),  // RFC 7526, the relays of 6to4
        Row(.private, [192, 168], 16),  // RFC 1918
        Row(.benchmarking, [198, 18], 15),  // RFC 2544
        Row(.documentation, [198, 51, 100], 24),  // RFC 5737
        Row(.documentation, [203, 0, 113], 24),  // RFC 5737
        Row(.multicast, [224], 4),  // RFC 1112
        Row(.reserved, [240], 4),  // RFC 1112, section 4; with the limited broadcast of RFC 8190
    ]

    private static let ipv6: [Row] = [
        // The metadata service of Amazon, inside the unique local range.
        Row(.metadata, [0xfd, 0x00, 0x0e, 0xc2], 32),
        Row(.unspecified, [UInt8](repeating: 0, count: 16), 128),  // RFC 4291, section 2.5.2
        Row(.loopback, [UInt8](repeating: 0, count: 15) + [1], 128),  // RFC 4291, section 2.5.3
        Row(.mapped, [UInt8](repeating: 0, count: 10) + [0xff, 0xff], 96),  // RFC 4291, 2.5.5.2
        Row(.mapped, [UInt8](repeating: 0, count: 12), 96),  // RFC 4291, 2.5.5.1
        Row(.translated, [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], 96),  // RFC 6052
        Row(.translated, [0x00, 0x64, 0xff, 0x9b, 0x00, 0x01], 48),  // RFC 8215
        Row(.reserved, [0x01, 0x00, 0, 0, 0, 0, 0, 0], 64),  // RFC 6666, discard only
        Row(.teredo, [0x20, 0x01, 0x00, 0x00], 32),  // RFC 4380
        Row(.benchmarking, [0x20, 0x01, 0x00, 0x02, 0x00, 0x00], 48),  // RFC 5180
        Row(.protocolAssignments, [0x20, 0x01, 0x00], 23),  // RFC 2928
        Row(.documentation, [0x20, 0x01, 0x0d, 0xb8], 32),  // RFC 3849
        Row(.sixToFour, [0x20, 0x02], 16),  // RFC 3056
        Row(.documentation, [0x3f, 0xff, 0x00], 20),  // RFC 9637
        Row(.reserved, [0x5f, 0x00], 16),  // RFC 9602, segment identifiers
        Row(.uniqueLocal, [0xfc], 7),  // RFC 4193
        Row(.linkLocal, [0xfe, 0x80], 10),  // RFC 4291, section 2.5.6
        Row(.reserved, [0xfe, 0xc0], 10),  // RFC 3879, site-local
        Row(.multicast, [0xff], 8),  // RFC 4291, section 2.7
    ]

    /// RFC 4291, section 2.4, as far as it is assigned.
    private static let globalUnicast = Row(.reserved, [0x20], 3)
}
