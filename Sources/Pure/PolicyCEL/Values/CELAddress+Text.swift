extension CELAddress {
    /// The address in dotted form or, as RFC 5952 requires, in lower case without leading zeros, and with
    /// the first of the longest runs of at least two zero groups omitted.
    package var text: String {
        guard bytes.count == 16 else { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map {
            UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
        }
        guard let run = longestRunOfZeros(groups) else { return hexadecimal(groups[...]) }
        return hexadecimal(groups[..<run.lowerBound]) + "::"
            + hexadecimal(groups[run.upperBound...])
    }
}

extension CELNetwork {
    /// The network in the form `192.168.0.1/24`, with its host bits unchanged.
    package var text: String { address.text + "/" + String(prefix) }
}

private func hexadecimal(_ groups: ArraySlice<UInt16>) -> String {
    groups.map { String($0, radix: 16) }.joined(separator: ":")
}

private func longestRunOfZeros(_ groups: [UInt16]) -> Range<Int>? {
    var longest: Range<Int>?
    var start = 0
    for (place, group) in groups.enumerated() {
        if group != 0 {
            start = place + 1
        } else if place + 1 - start > max(1, longest?.count ?? 0) {
            longest = start..<(place + 1)
        }
    }
    return longest
}
