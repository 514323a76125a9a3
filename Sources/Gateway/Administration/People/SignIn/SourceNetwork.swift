/// Whose tries count together: one IPv4 address, or the first 64 bits of an IPv6 address, since whoever has one of
/// those has all of them.
struct SourceNetwork: Hashable, Sendable {
    let text: String

    /// - Parameter source: an address without port; nil for the gateway's own machine. What is no address
    ///   counts as it is written.
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

    /// The first four groups; of a `::` among them the zeros that it stands for.
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
