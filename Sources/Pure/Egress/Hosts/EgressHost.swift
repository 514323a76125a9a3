/// The one canonical form of a host, which the matcher and the resolver both use (docs/specs/sandbox.md, section 7).
///
/// INVARIANT: text that is not already a host by these rules is refused and never repaired, so no two readers can take
/// it for different hosts. Kept by `EgressHostTests`.
package struct EgressHost: Hashable, Sendable, CustomStringConvertible {
    package enum Form: Hashable, Sendable {
        /// A name: lower case, without a final dot, at most 253 bytes.
        case name([UInt8])
        case address(IPAddress)
    }

    package let form: Form

    package static let longestName = 253
    package static let longestLabel = 63
    /// The longest text that is read: the longest name with its final dot.
    private static let longestText = 254

    package init(_ address: IPAddress) { form = .address(address) }

    /// - Parameter text: a name, a dotted quad, or an IPv6 address in brackets.
    package init(canonical text: some Collection<UInt8>) throws(EgressRefusal) {
        guard (1...Self.longestText).contains(text.count) else {
            throw EgressRefusal(.badHost, "the host has an invalid length")
        }
        guard text.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw EgressRefusal(.badHost, "the host has a byte outside visible ASCII")
        }
        var bytes = text.map { (65...90).contains($0) ? $0 | 32 : $0 }
        if bytes[0] == UInt8(ascii: "[") {
            guard bytes.last == UInt8(ascii: "]"),
                let address = IPAddress(ipv6: bytes.dropFirst().dropLast())
            else { throw EgressRefusal(.badHost, "invalid IPv6 address") }
            form = .address(address)
            return
        }
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        guard let last = try Self.lastLabel(of: bytes) else {
            throw EgressRefusal(.badHost, "invalid label in the host")
        }
        guard Self.isNumeric(last) else {
            form = .name(bytes)
            return
        }
        // A final dot belongs to names alone.
        guard bytes.count == text.count, let address = IPAddress(dottedQuad: bytes) else {
            throw EgressRefusal(.badHost, "a host that ends in a number is not a dotted quad")
        }
        form = .address(address)
    }

    package init(_ text: String) throws(EgressRefusal) { try self.init(canonical: text.utf8) }

    /// Returns the last label, or nil if a label breaks the rules.
    private static func lastLabel(of name: [UInt8]) throws(EgressRefusal) -> ArraySlice<UInt8>? {
        guard name.count <= longestName else {
            throw EgressRefusal(.badHost, "the host is longer than \(longestName) bytes")
        }
        let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let hyphen = UInt8(ascii: "-")
        for label in labels {
            guard (1...longestLabel).contains(label.count), label.first != hyphen,
                label.last != hyphen,
                label.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 })
            else { return nil }
        }
        return labels.last
    }

    /// Returns true for a label that some reader takes for a part of an IPv4 address: `1`, `0x7f`, `0x`.
    private static func isNumeric(_ label: ArraySlice<UInt8>) -> Bool {
        label.starts(with: "0x".utf8) || label.allSatisfy { (48...57).contains($0) }
    }

    /// The address, or nil for a name.
    package var address: IPAddress? {
        if case .address(let address) = form { address } else { nil }
    }

    package var isName: Bool { address == nil }

    /// The name or the address; IPv6 in brackets.
    package var description: String {
        switch form {
        case .name(let bytes): String(decoding: bytes, as: UTF8.self)
        case .address(let address): address.isIPv4 ? "\(address)" : "[\(address)]"
        }
    }

    /// The bytes of a name, or none for an address.
    package var nameBytes: [UInt8] { if case .name(let bytes) = form { bytes } else { [] } }
}
