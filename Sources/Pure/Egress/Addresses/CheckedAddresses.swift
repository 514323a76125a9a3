/// Addresses of a host that may be connected to: every answer was checked, so the proxy needs no second look-up.
package struct CheckedAddresses: Equatable, Sendable {
    /// One or more addresses, in the order in which they are tried: IPv4 first.
    package let addresses: [IPAddress]

    /// The most answers that are read.
    package static let mostAnswers = 64
    /// The longest chain of names (CNAME) that is followed.
    package static let mostAliases = 8

    /// - Parameters:
    ///   - answers: all answers for the host, or the address itself.
    ///   - aliases: the number of CNAME records that led to them.
    ///   - allowsPrivate: `private: true` of the rule.
    ///
    /// INVARIANT: one answer of a class that the rule does not admit refuses the host. Kept by
    /// `AddressTests`.
    package init(
        _ answers: [IPAddress], aliases: Int = 0, allowsPrivate: Bool
    ) throws(EgressRefusal) {
        guard aliases <= Self.mostAliases else {
            throw EgressRefusal(.dnsFailure, "more than \(Self.mostAliases) aliases")
        }
        guard !answers.isEmpty else { throw EgressRefusal(.dnsFailure, "no address") }
        guard answers.count <= Self.mostAnswers else {
            throw EgressRefusal(.dnsFailure, "more than \(Self.mostAnswers) addresses")
        }
        var isPublic = true
        for answer in answers {
            guard let kind = AddressClass(of: answer) else { continue }
            isPublic = false
            guard allowsPrivate, kind.isAdmittedByPrivateRule else {
                throw EgressRefusal(.privateAddress, "an address is \(kind.text)")
            }
        }
        var unique: [IPAddress] = []
        for answer in answers where !unique.contains(answer) { unique.append(answer) }
        let four = unique.filter(\.isIPv4)
        let six = unique.filter { !$0.isIPv4 }
        // IPv6 is not used together with a private IPv4 address (docs/decisions/0076).
        addresses = isPublic || four.isEmpty ? four + six : four
    }
}

extension AddressClass {
    /// The class in words, for people.
    package var text: String {
        switch self {
        case .unspecified: "unspecified"
        case .loopback: "loopback"
        case .private: "private"
        case .shared: "shared (carrier-grade NAT)"
        case .linkLocal: "link-local"
        case .uniqueLocal: "unique local"
        case .protocolAssignments: "reserved for protocols"
        case .documentation: "reserved for documentation"
        case .benchmarking: "reserved for benchmarking"
        case .multicast: "multicast"
        case .reserved: "reserved"
        case .mapped: "IPv4 written as IPv6"
        case .translated: "translated to IPv4 (NAT64)"
        case .sixToFour: "6to4"
        case .teredo: "Teredo"
        case .metadata: "of a cloud's metadata service"
        }
    }
}
