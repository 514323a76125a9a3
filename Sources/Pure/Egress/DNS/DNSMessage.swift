/// The kinds of address that a resolver is asked for (RFC 1035, section 3.2.2; RFC 3596, section 2.1).
package enum DNSQueryType: UInt16, CaseIterable, Sendable {
    case a = 1
    case aaaa = 28

    var addressBytes: Int { self == .a ? 4 : 16 }
}

/// One question for the addresses of a name.
package struct DNSQuery: Equatable, Sendable {
    /// Random, so that no other host can answer.
    package let id: UInt16
    /// A canonical name.
    package let name: [UInt8]
    package let type: DNSQueryType

    /// - Returns: nil if the host is an address.
    package init?(id: UInt16, host: EgressHost, type: DNSQueryType) {
        guard host.isName else { return nil }
        self.id = id
        name = host.nameBytes
        self.type = type
    }

    /// The message (RFC 1035, section 4.1), which asks for recursion.
    package var message: [UInt8] {
        var bytes = [UInt8(id >> 8), UInt8(id & 255), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in name.split(separator: UInt8(ascii: ".")) {
            bytes.append(UInt8(label.count))
            bytes += label
        }
        return bytes + [0, UInt8(type.rawValue >> 8), UInt8(type.rawValue & 255), 0, 1]
    }
}

/// The answer to one question.
package struct DNSAnswer: Equatable, Sendable {
    /// The addresses of the name at the end of the chain of aliases.
    package let addresses: [IPAddress]
    /// The length of that chain.
    package let aliases: Int
    /// True if the answer is incomplete and must be asked for over TCP; it then has no addresses.
    package let isTruncated: Bool
}
