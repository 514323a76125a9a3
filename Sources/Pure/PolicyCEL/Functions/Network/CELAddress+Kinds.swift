/// The purpose of an address (RFC 6890, RFC 4291).
extension CELAddress {
    /// The version of the protocol, 4 or 6.
    var family: Int64 { isIPv4 ? 4 : 6 }
    var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }
    var isLoopback: Bool {
        isIPv4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }
    var isLinkLocalUnicast: Bool {
        isIPv4 ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80
    }
    var isLinkLocalMulticast: Bool {
        isIPv4
            ? bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0
            : bytes[0] == 0xff && bytes[1] & 0x0f == 2
    }
    /// True for the address of one machine beyond its own link; private addresses are included.
    var isGlobalUnicast: Bool {
        !isUnspecified && !isLoopback && !isLinkLocalUnicast && !isMulticast
            && !(isIPv4 && bytes.allSatisfy { $0 == 255 })
    }

    private var isIPv4: Bool { bytes.count == 4 }
    private var isMulticast: Bool { isIPv4 ? bytes[0] & 0xf0 == 0xe0 : bytes[0] == 0xff }
}
