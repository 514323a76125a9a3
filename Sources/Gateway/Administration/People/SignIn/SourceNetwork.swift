/// The unit that sign-in attempts are counted by: one IPv4 address, or the first 64 bits of an IPv6 address, since a
/// client usually controls all addresses of such a network.
struct SourceNetwork: Hashable, Sendable {
    let text: String

    /// - Parameter source: an address without port, or nil for the gateway's own machine. Text that is not an address
    ///   is used as it is.
    init(of source: String?) {
        guard let source else {
            text = "local"
            return
        }
        let address = source.split(separator: "%", omittingEmptySubsequences: false).first ?? ""
        guard address.contains(":") else {
            text = source
            return
        }
        if let mapped = address.split(separator: ":").last, mapped.contains(".") {
            text = String(mapped)
            return
        }
        text = Self.prefix(of: address).map { String($0, radix: 16) }.joined(separator: ":") + "/64"
    }

    /// The first four groups; `::` is expanded to its zeros.
    private static func prefix(of address: Substring) -> [UInt16] {
        let fields = address.split(separator: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (place, field) in fields.enumerated() where groups.count < 4 {
            if field.isEmpty, place > 0 {
                let after = fields[(place + 1)...].count { !$0.isEmpty }
                groups += Array(repeating: 0, count: max(1, 8 - groups.count - after))
            } else if !field.isEmpty {
                groups.append(UInt16(field, radix: 16) ?? 0)
            }
        }
        return Array((groups + [0, 0, 0, 0]).prefix(4))
    }
}
