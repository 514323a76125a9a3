/// The one form in which a policy names a host (docs/specs/sandbox.md, section 7): the form that the egress proxy
/// compares, so that a rule means one host.
package struct CanonicalHost {
    /// A lower-case name without a final dot, a dotted quad, or an IPv6 address in brackets.
    package let text: String
    package let isAddress: Bool

    /// Returns nil if the text is not a host. A host in another form, such as upper case, gives its canonical form.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (1...254).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        if bytes[0] == UInt8(ascii: "[") {
            guard bytes.last == UInt8(ascii: "]"),
                let groups = Self.groups(bytes.dropFirst().dropLast())
            else { return nil }
            self.text = "[\(Self.text(of: groups))]"
            isAddress = true
            return
        }
        var name = bytes.map { (65...90).contains($0) ? $0 | 32 : $0 }
        if name.last == UInt8(ascii: ".") { name.removeLast() }
        let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard name.count <= 253, let last = labels.last, labels.allSatisfy(Self.isLabel) else {
            return nil
        }
        isAddress = Self.isNumeric(last)
        // A final dot belongs to names alone.
        if isAddress, name.count < bytes.count || !Self.isDottedQuad(labels) { return nil }
        self.text = String(decoding: name, as: UTF8.self)
    }

    private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
            && label.allSatisfy { (97...122).contains($0) || isDigit($0) || $0 == hyphen }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    /// Returns true for a label that some reader takes for a part of an IPv4 address: `1`, `0x7f`.
    private static func isNumeric(_ label: ArraySlice<UInt8>) -> Bool {
        label.starts(with: "0x".utf8) || label.allSatisfy(isDigit)
    }

    private static func isDottedQuad(_ parts: [ArraySlice<UInt8>]) -> Bool {
        parts.count == 4
            && parts.allSatisfy { part in
                part.count <= 3 && part.allSatisfy(isDigit)
                    && (part.count == 1 || part.first != UInt8(ascii: "0"))
                    && part.reduce(0) { 10 * $0 + Int($1) - 48 } <= 255
            }
    }

    /// Parses the groups of RFC 4291, section 2.2, without a zone and without a dotted quad.
    private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        guard text.count <= 39 else { return nil }
        let halves = String(decoding: text, as: UTF8.self).split(
            separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        var parsed: [[UInt16]] = []
        for half in halves {
            let parts =
                half.isEmpty ? [] : half.split(separator: ":", omittingEmptySubsequences: false)
            var groups: [UInt16] = []
            for part in parts {
                guard (1...4).contains(part.utf8.count),
                    part.utf8.allSatisfy({ isDigit($0) || (97...102).contains($0 | 32) }),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
            parsed.append(groups)
        }
        let missing = 8 - parsed.reduce(0) { $0 + $1.count }
        guard parsed.count == 2 else { return missing == 0 ? parsed[0] : nil }
        // A gap takes the place of at least one group.
        return missing >= 1 ? parsed[0] + [UInt16](repeating: 0, count: missing) + parsed[1] : nil
    }

    /// The form of RFC 5952: the first of the longest runs of at least two zero groups is left out.
    private static func text(of groups: [UInt16]) -> String {
        var gap = 0..<0
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start > max(gap.count, 1) { gap = start..<end }
            start = max(end, start + 1)
        }
        func joined(_ part: some Sequence<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !gap.isEmpty else { return joined(groups) }
        return joined(groups[..<gap.lowerBound]) + "::" + joined(groups[gap.upperBound...])
    }
}
