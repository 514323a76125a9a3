/// An IPv4 or IPv6 address. Equal addresses have equal bytes, whatever text they came from.
package struct IPAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 4 or 16 bytes, in network order.
    package let bytes: [UInt8]

    /// - Returns: nil unless there are 4 or 16 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Parses exactly four decimal numbers of 0 to 255 without leading zeros: no other form of `inet_aton`.
    package init?(dottedQuad text: some Collection<UInt8>) {
        guard text.count <= 15 else { return nil }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0")
            else { return nil }
            var value = 0
            for digit in part {
                guard (48...57).contains(digit) else { return nil }
                value = 10 * value + Int(digit) - 48
            }
            guard value <= 255 else { return nil }
            bytes.append(UInt8(value))
        }
        self.bytes = bytes
    }

    /// Parses the text forms of RFC 4291, section 2.2, without brackets and without a zone.
    package init?(ipv6 text: some Collection<UInt8>) {
        guard (2...45).contains(text.count) else { return nil }
        let text = Array(text)
        let colon = UInt8(ascii: ":")
        var head: [UInt8] = []
        var tail: [UInt8] = []
        var hasGap = false
        var place = 0
        if text[0] == colon {
            guard text[1] == colon else { return nil }
            hasGap = true
            place = 2
        }
        while place < text.count {
            let end = text[place...].firstIndex(of: colon) ?? text.count
            let part = text[place..<end]
            let group: [UInt8]
            if end == text.count, part.contains(UInt8(ascii: ".")) {
                guard let quad = IPAddress(dottedQuad: part) else { return nil }
                group = quad.bytes
            } else {
                guard let value = Self.group(part) else { return nil }
                group = [UInt8(value >> 8), UInt8(value & 255)]
            }
            if hasGap { tail += group } else { head += group }
            guard end < text.count else { break }
            place = end + 1
            // A colon at the end belongs to a gap.
            guard place < text.count else { return nil }
            if text[place] == colon {
                guard !hasGap else { return nil }
                hasGap = true
                place += 1
            }
        }
        let missing = 16 - head.count - tail.count
        // A gap takes the place of at least one group.
        guard hasGap ? missing >= 2 : missing == 0 else { return nil }
        bytes = head + [UInt8](repeating: 0, count: missing) + tail
    }

    private static func group(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(digits.count) else { return nil }
        var value: UInt16 = 0
        for digit in digits {
            switch digit {
            case 48...57: value = value << 4 | UInt16(digit - 48)
            case 65...70: value = value << 4 | UInt16(digit - 55)
            case 97...102: value = value << 4 | UInt16(digit - 87)
            default: return nil
            }
        }
        return value
    }

    package var isIPv4: Bool { bytes.count == 4 }

    /// `192.0.2.1`, or the form of RFC 5952 without brackets; an embedded IPv4 address is written in hexadecimal.
    package var description: String {
        if isIPv4 { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = (0..<8).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
        let gap = Self.longestZeros(groups)
        func text(_ part: some Sequence<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard gap.count >= 2 else { return text(groups) }
        return text(groups[..<gap.lowerBound]) + "::" + text(groups[gap.upperBound...])
    }

    /// Returns the first of the longest runs of zero groups.
    private static func longestZeros(_ groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start > longest.count { longest = start..<end }
            start = max(end, start + 1)
        }
        return longest
    }

    package static func < (a: IPAddress, b: IPAddress) -> Bool {
        a.bytes.count == b.bytes.count
            ? a.bytes.lexicographicallyPrecedes(b.bytes) : a.bytes.count < b.bytes.count
    }
}
